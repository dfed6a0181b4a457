"""The stock as a table for people."""


def table(stock):
    """One line for each kind of thing, in the order of their numbers."""
    rows = [("sku", "on hand", "reserved", "available")]
    for sku in sorted(stock.items):
        item = stock.items[sku]
        rows.append((sku, str(item.on_hand), str(item.reserved), str(item.available)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(lines)
