# The GoogleTest programs that mlc_add_unittest declares.
import os

import lit.formats

config.name = "mlc-unit"
config.test_format = lit.formats.GoogleTest(".", "Tests")
config.test_source_root = config.test_exec_root = os.path.join(config.mlc_obj_root, "test", "unit")
config.environment["MLC_SOURCE_DIR"] = config.mlc_src_root
