"""The providers that are offered here."""

from collections.abc import Mapping

from kit.errors import Problem
from kit.problem_types import NOT_FOUND
from write_side.accounts.providers.settings import ProviderName, ProviderSettings
from write_side.accounts.providers.vouched import Provider


class Providers:
    """The providers that are offered, by their names.

    Args:
        offered: as `read_providers` returns them.
        site: public address of the API, where people come back to: `<site>/v1/sign-in/<provider>/callback`.
    """

    def __init__(self, offered: Mapping[ProviderName, ProviderSettings], site: str) -> None:
        self._flows: dict[str, Provider] = {}
        if offered:
            from write_side.accounts.providers.flows import (
                FLOWS,
            )  # a client of HTTP: a start is faster without

            for flow in FLOWS:
                if flow.NAME in offered:
                    comes_back = f"{site}/v1/sign-in/{flow.NAME}/callback"
                    self._flows[flow.NAME] = flow(offered[flow.NAME], comes_back)

    def of(self, name: str) -> Provider:
        """Return a provider; raises Problem, 404, when it is not offered."""
        flow = self._flows.get(name)
        if flow is None:
            raise Problem(NOT_FOUND, "No such way to sign in is offered here.")
        return flow
