import unittest

from inventory import Stock, table


class Report(unittest.TestCase):
    def test_columns_line_up(self):
        stock = Stock()
        stock.receive("nut", 2)
        stock.receive("bolt", 10)
        stock.reserve("bolt", 4)
        expected = [
            "sku   on hand  reserved  available",
            "bolt  10       4         6",
            "nut   2        0         2",
        ]
        self.assertEqual(table(stock).splitlines(), expected)


if __name__ == "__main__":
    unittest.main()
