"""The results of a packaged model, and how it refuses what is no input: package_run.py MODULE X Y."""
import importlib
import sys

import numpy as np

package, x, y = importlib.import_module(sys.argv[1]), np.load(sys.argv[2]), np.load(sys.argv[3])
model = package.Model()
np.testing.assert_allclose(model.run({"x": x})["scores"], y, rtol=1e-5, atol=1e-6)
# Strides are made dense.
np.testing.assert_allclose(model.run({"x": np.asfortranarray(x)})["scores"], y, rtol=1e-5, atol=1e-6)
print("contract", package.contract()["outputs"][0]["labels"])
for inputs in ({"x": x.astype("f8")}, {}, {"x": x, "y": x}):
    try:
        model.run(inputs)
    except ValueError as error:
        print(error)
