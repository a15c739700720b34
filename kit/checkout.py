"""The one place that knows where the product's files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds kit/, events/ and the others: a checkout, or where they were installed."""
