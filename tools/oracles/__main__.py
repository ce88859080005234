"""`python -m tools.oracles [--only NAME] [--seed TEXT] [--rounds N] [--install]`."""

import logging
import sys

from tools.oracles.running import main

# Our own warnings about answers that are meant to be odd.
logging.disable(logging.WARNING)
sys.exit(main(sys.argv[1:]))
