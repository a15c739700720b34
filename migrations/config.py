"""What Alembic is told: where the migrations are; those of accounts have a folder of their own."""

from pathlib import Path

from alembic.config import Config


def alembic_config() -> Config:
    """Return a configuration; `env.py` expects what opens connections in its `attributes["connect"]`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("recursive_version_locations", "true")
    return config
