"""Where the models of tests are."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = ROOT / "examples/digits"
MODELS = ROOT / "test/models"
