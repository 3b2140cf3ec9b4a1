"""Runs one program and prints what it measured: run.py MODULE FUNCTION EFFORT OPTIONS, the last two in JSON."""

import json
import sys
from importlib import import_module

from effort import Effort

module, function, effort, options = sys.argv[1:]
program = getattr(import_module(f"programs.{module}"), function)
print(json.dumps(program(Effort(**json.loads(effort)), **json.loads(options))))
