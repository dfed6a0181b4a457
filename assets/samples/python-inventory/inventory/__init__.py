"""A stock that knows what it has promised."""

from .report import table
from .stock import Item, OutOfStock, Stock

__all__ = ["Item", "OutOfStock", "Stock", "table"]
