"""What is on the shelves, and what of it is promised to somebody."""

from dataclasses import dataclass, field


class OutOfStock(Exception):
    """More was asked for than can be promised."""

    def __init__(self, sku, wanted, available):
        super().__init__(f"{sku}: wanted {wanted}, {available} available")
        self.sku = sku
        self.wanted = wanted
        self.available = available


@dataclass
class Item:
    """One kind of thing."""

    sku: str
    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self):
        """How many can still be promised."""
        return self.on_hand - self.reserved


@dataclass
class Stock:
    """All kinds of things, by their number."""

    items: dict[str, Item] = field(default_factory=dict)

    def receive(self, sku, quantity):
        """Puts things on the shelf."""
        if quantity <= 0:
            raise ValueError("a delivery has at least one piece")
        self.items.setdefault(sku, Item(sku)).on_hand += quantity

    def reserve(self, sku, quantity):
        """Promises things to somebody."""
        item = self.items.get(sku, Item(sku))
        if quantity > item.on_hand:
            raise OutOfStock(sku, quantity, item.available)
        item.reserved += quantity

    def release(self, sku, quantity):
        """Takes a promise back."""
        item = self.items[sku]
        if quantity > item.reserved:
            raise ValueError(f"{sku}: only {item.reserved} reserved")
        item.reserved -= quantity

    def ship(self, sku, quantity):
        """Sends out what was promised."""
        self.release(sku, quantity)
        self.items[sku].on_hand -= quantity

    def low(self, threshold=5):
        """The numbers of what should be ordered again, scarcest first."""
        scarce = [item for item in self.items.values() if item.available < threshold]
        return [item.sku for item in sorted(scarce, key=lambda item: (item.available, item.sku))]
