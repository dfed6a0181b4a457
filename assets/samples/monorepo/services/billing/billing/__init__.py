"""What worked time costs."""

from decimal import ROUND_HALF_UP, Decimal

QUARTER = 15 * 60


def quarters(seconds):
    """How many quarters of an hour are paid; one that was begun counts as a whole one."""
    if seconds < 0:
        raise ValueError("time does not run backwards")
    return seconds // QUARTER + 1


def amount(seconds, hourly):
    """What these seconds cost at this price for an hour, in cents exactly."""
    cost = Decimal(hourly) * quarters(seconds) / 4
    return cost.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
