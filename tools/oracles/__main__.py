"""`python -m tools.oracles [--only NAME] [--seed TEXT] [--rounds N] [--install]`."""

import sys

from tools.oracles.running import main

sys.exit(main(sys.argv[1:]))
