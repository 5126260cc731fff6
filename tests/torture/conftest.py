# SPDX-License-Identifier: Apache-2.0
"""The real programs, disturbed at one point after the other: see torture.py."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
