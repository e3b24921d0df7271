"""python -m genie_edu.cli: the command genie-edu, for launchers that start modules."""

import sys

from genie_edu.cli import main

sys.exit(main())
