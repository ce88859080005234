"""`python -m tools.vectors [DIR]`."""

import sys

from tools.vectors.running import main

sys.exit(main(sys.argv[1:]))
