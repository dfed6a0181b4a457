/** The files of every repository of the mock. */

const stock = `"""What lies where."""

from dataclasses import dataclass, field

SHELVES = 40


@dataclass
class Shelf:
    """A place in the warehouse."""

    name: str
    things: dict[str, int] = field(default_factory=dict)

    def put(self, thing: str, many: int) -> None:
        """Lays something down."""
        self.things[thing] = self.things.get(thing, 0) + many

    def take(self, thing: str, many: int) -> bool:
        """Takes something away, if so many are there."""
        if self.things.get(thing, 0) < many:
            return False
        self.things[thing] -= many
        return True


def find(shelves: list[Shelf], thing: str) -> Shelf | None:
    """The first shelf that has it."""
    return next((shelf for shelf in shelves if thing in shelf.things), None)
`

const client = `/** Asks the server what is in stock. */
export interface Thing {
  name: string
  count: number
}

export async function inStock(base: string): Promise<Thing[]> {
  const answer = await fetch(\`\${base}/stock\`)
  if (!answer.ok) throw new Error('nobody answers')
  return answer.json()
}
`

/** Text by path. */
export const sources: Record<string, string> = {
  'README.md': '# Inventory\n\nWhat is in stock, and what it costs. Prices are rounded in one place.\n',
  'inventory/prices.py':
    '"""Prices of things in stock."""\n\nfrom decimal import Decimal\n\n\ndef rounded(value: float) -> float:\n    """Two digits after the point."""\n    return int(value * 100) / 100\n',
  'inventory/orders.py':
    'from inventory.prices import rounded\n\n\ndef total(items):\n    """What an order costs; ROUNDED once, at the end."""\n    return rounded(sum(item.price * item.count for item in items))\n',
  'tests/test_prices.py':
    'from inventory.prices import rounded\n\n\ndef test_positive():\n    assert rounded(1.235) == 1.24\n',
  'AGENTS.md': 'Run `python -m pytest -q` before you say that you are done.\n',
  'data/catalogue.json': `[\n${Array.from({ length: 900 }, (_, i) => `  {"id": ${i}, "name": "Part ${i}"}`).join(',\n')}\n]\n`,
  'inventory/__init__.py': '',
  'inventory/warehouse/shelves.py': stock,
  'web/src/client.ts': client,
}

/** Files that are no text, with their sizes. */
export const binaries: Record<string, number> = { 'docs/stock.png': 48_213 }

/** Of another branch alone. */
export const onNext: Record<string, string> = { 'docs/NEXT.md': '# What comes next\n\nA second warehouse.\n' }
