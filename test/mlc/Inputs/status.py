"""Runs a command; fails unless its exit status is the first argument.

    status.py STATUS COMMAND...
"""
import subprocess
import sys

done = subprocess.run(sys.argv[2:], capture_output=True, text=True)
if done.returncode != int(sys.argv[1]):
    sys.exit(f"{' '.join(sys.argv[2:])}: status {done.returncode}, {sys.argv[1]} is expected\n{done.stderr}")
