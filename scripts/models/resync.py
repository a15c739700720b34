"""`frankenjet resync`: after a rewind of the log, readers drop what it no longer holds and begin again."""

from contextlib import aclosing

from projections.engine import resync as deciding
from scripts.cli.report import reporting


async def resync(dsn: str, owner_dsn: str, *, forget: bool, as_json: bool = False) -> int:
    """Say which readers saw another log, and let them begin again where `forget` says so.

    Args:
        dsn: address of the database.
        owner_dsn: address of the owner, who may give the log a new id.
        forget: do it, even if no reader noticed anything; otherwise only say which readers are affected.
        as_json: one object a line, {"reader", "rewound", "begins_again"} or {"log"}, instead of words.

    Returns:
        0 when every reader agrees with the log, or does so now; 1 when some do not and nothing was done.
    """
    say = reporting(as_json=as_json)
    rewound = False
    async with aclosing(deciding.resync(dsn, owner_dsn, forget=forget)) as steps:
        async for what, name in steps:
            match what:
                case "rewound":
                    rewound = True
                    say(f"{name}: EPOCH_REWIND", reader=name, rewound=True)
                case "all agree":
                    say("every reader agrees with the log", rewound=False)
                case "new id":
                    say(f"the log is now {name}", log=name)
                case "begins again":
                    say(f"{name}: begins again", reader=name, begins_again=True)
    return 1 if rewound and not forget else 0
