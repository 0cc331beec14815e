"""Find or install the Java that Spark runs on.

From JAVA_HOME or PATH; on Debian and Ubuntu as root by apt-get. Where none can be had the tests on
Spark are skipped with one loud line, and with CI=true that is a failure.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from devtools import bootstrap

# Spark 4.0 runs on these; a release of Debian has one of them.
VERSIONS = (17, 21)


def find() -> str | None:
    """Return the path of an installed Java that Spark runs on, or None."""
    home = os.environ.get("JAVA_HOME")
    path = str(Path(home) / "bin/java") if home else shutil.which("java")
    if path is None or not Path(path).exists():
        return None
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)', told.stderr)
    return path if version and int(version[1]) in VERSIONS else None


def make_sure() -> str | None:
    """Return the path of a Java, installed now if need be; None where there can't be one."""
    if found := find():
        return found
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    for version in VERSIONS:
        bootstrap.say(f"Java {version}, by apt-get")
        try:
            bootstrap.install_debian_package(f"openjdk-{version}-jre-headless")
        except subprocess.CalledProcessError as error:
            bootstrap.say(f"apt-get failed ({error.returncode})")
        else:
            return find()
    return None
