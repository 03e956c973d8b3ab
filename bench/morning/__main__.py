"""`python -m bench.morning` plays a morning, and prints what people met."""

import sys

from bench.morning.play import main

sys.exit(main())
