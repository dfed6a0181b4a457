import unittest

from inventory import OutOfStock, Stock


class Receiving(unittest.TestCase):
    def test_deliveries_add_up(self):
        stock = Stock()
        stock.receive("bolt", 10)
        stock.receive("bolt", 5)
        self.assertEqual(stock.items["bolt"].on_hand, 15)

    def test_an_empty_delivery_is_refused(self):
        with self.assertRaises(ValueError):
            Stock().receive("bolt", 0)


class Reserving(unittest.TestCase):
    def setUp(self):
        self.stock = Stock()
        self.stock.receive("bolt", 10)

    def test_what_is_reserved_is_not_available(self):
        self.stock.reserve("bolt", 4)
        self.assertEqual(self.stock.items["bolt"].available, 6)

    def test_nothing_is_promised_twice(self):
        self.stock.reserve("bolt", 7)
        with self.assertRaises(OutOfStock) as caught:
            self.stock.reserve("bolt", 7)
        self.assertEqual(caught.exception.available, 3)
        self.assertEqual(self.stock.items["bolt"].reserved, 7)

    def test_what_is_unknown_is_out_of_stock(self):
        with self.assertRaises(OutOfStock):
            self.stock.reserve("nut", 1)

    def test_a_promise_can_be_taken_back(self):
        self.stock.reserve("bolt", 4)
        self.stock.release("bolt", 3)
        self.assertEqual(self.stock.items["bolt"].reserved, 1)
        with self.assertRaises(ValueError):
            self.stock.release("bolt", 2)


class Shipping(unittest.TestCase):
    def test_what_is_shipped_is_gone(self):
        stock = Stock()
        stock.receive("bolt", 10)
        stock.reserve("bolt", 4)
        stock.ship("bolt", 4)
        self.assertEqual((stock.items["bolt"].on_hand, stock.items["bolt"].reserved), (6, 0))

    def test_only_what_was_promised_is_shipped(self):
        stock = Stock()
        stock.receive("bolt", 10)
        with self.assertRaises(ValueError):
            stock.ship("bolt", 1)


class Ordering(unittest.TestCase):
    def test_the_scarcest_comes_first(self):
        stock = Stock()
        for sku, quantity in [("bolt", 4), ("nut", 2), ("screw", 20)]:
            stock.receive(sku, quantity)
        self.assertEqual(stock.low(), ["nut", "bolt"])


if __name__ == "__main__":
    unittest.main()
