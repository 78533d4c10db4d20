"""Fails when a dependency of a published crate asks for a newer Rust than the workspace promises."""

import json
import subprocess
import sys

metadata = json.loads(
    subprocess.check_output(["cargo", "metadata", "--format-version=1", "--all-features", "--locked"])
)


def version(text):
    return tuple(int(part) for part in text.split("."))[:2]


packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
ours = metadata["workspace_members"]
promised = packages[ours[0]]["rust_version"]

# What a user of the crates builds: no dev-dependencies.
reached, waiting = set(), list(ours)
while waiting:
    package = waiting.pop()
    if package in reached:
        continue
    reached.add(package)
    for dependency in nodes[package]["deps"]:
        if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
            waiting.append(dependency["pkg"])

newer = [
    f"{packages[package]['name']} {packages[package]['version']} needs {packages[package]['rust_version']}"
    for package in reached
    if packages[package]["rust_version"] and version(packages[package]["rust_version"]) > version(promised)
]
print(f"{len(reached)} packages against Rust {promised}; too new: {newer or 'none'}")
sys.exit(1 if newer else 0)
