import unittest
from decimal import Decimal

from billing import amount, quarters


class Quarters(unittest.TestCase):
    def test_a_quarter_that_was_begun_is_paid(self):
        self.assertEqual(quarters(1), 1)
        self.assertEqual(quarters(901), 2)

    def test_whole_quarters_are_paid_as_they_are(self):
        self.assertEqual(quarters(900), 1)
        self.assertEqual(quarters(3600), 4)

    def test_no_time_costs_nothing(self):
        self.assertEqual(quarters(0), 0)

    def test_negative_time_is_refused(self):
        with self.assertRaises(ValueError):
            quarters(-1)


class Amount(unittest.TestCase):
    def test_cents_are_exact(self):
        self.assertEqual(amount(100, "99.99"), Decimal("25.00"))
        self.assertEqual(amount(1000, "80"), Decimal("40.00"))


if __name__ == "__main__":
    unittest.main()
