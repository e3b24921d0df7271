"""How nbval compares stored outputs: all of them, except the figures' JSON.

Its floats may differ in the last digit from one processor to another; the numbers behind a figure
are printed and compared.
"""

from __future__ import annotations

import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave plotly's JSON out of nbval's comparison."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("application/vnd.plotly.v1+json",)
