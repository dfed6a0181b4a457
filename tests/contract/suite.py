"""The contract of the API, tried from outside: the document is linted, clients are generated from it, compiled strictly
and used against a running server, and a fuzzer looks for answers that the document does not declare."""

import argparse
import shutil
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import compose_spec
import fuzz
from stage import PASSWORD, ROOT, Server

HERE = Path(__file__).resolve().parent
SPEC = str(ROOT / "openapi" / "codegraph.json")
SCRATCH = ROOT / "target" / "contract"
VENV = Path(sys.executable).parent
NPM = HERE / "node_modules" / ".bin"


def succeeds(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)
    if done.returncode != 0:
        print(done.stdout[-8000:], done.stderr[-8000:], sep="\n")
    elif done.stdout.strip():
        print(done.stdout.strip().splitlines()[-1])
    return done.returncode == 0


def fresh(name):
    folder = SCRATCH / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def spectral():
    return succeeds(NPM / "spectral", "lint", SPEC, "--ruleset", HERE / "spectral.yaml", "--fail-severity", "error")


def redocly():
    return succeeds(NPM / "redocly", "lint", "--extends", "recommended", SPEC)


def python_client(server):
    folder = fresh("python")
    package = folder / "codegraph_client"
    made = succeeds(
        VENV / "openapi-python-client", "generate", "--path", SPEC, "--meta", "none", "--output-path", package,
        "--fail-on-warning", "--config", HERE / "python-client.yaml",
    )
    shutil.copy(HERE / "client.py", folder)
    return (
        made
        and succeeds(VENV / "mypy", "--strict", "codegraph_client", "client.py", cwd=folder)
        and succeeds(sys.executable, "client.py", server.url, PASSWORD, server.repository("python"), cwd=folder)
    )


def typescript_client(server):
    folder = fresh("typescript")
    generated = folder / "generated"
    made = succeeds(NPM / "openapi-ts", "-i", SPEC, "-o", generated, "-f", HERE / "openapi-ts.config.ts", cwd=HERE)
    shutil.copy(HERE / "client.ts", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    config = (HERE / "tsconfig.json").read_text().replace("./node_modules", str(HERE / "node_modules"))
    (folder / "tsconfig.json").write_text(config)
    return (
        made
        and succeeds(NPM / "tsc", "-p", folder, "--outDir", folder / "built")
        and succeeds("node", folder / "built" / "client.js", server.url, PASSWORD, server.repository("typescript"))
    )


def compose():
    """The Compose file by the specification, with its merges resolved."""
    options = compose_spec.PyOptions()
    options.apply_merge = True
    try:
        found = options.from_yaml((ROOT / "docker-compose.yml").read_text())
    except ValueError as error:
        print(error)
        return False
    print("services:", *sorted(found.services))
    return True


def generator_client():
    """A client of openapi-generator, compiled; it needs Java."""
    folder = fresh("generator")
    made = succeeds(
        "java", "-jar", files("openapi_generator_cli") / "openapi-generator.jar", "generate", "-i", SPEC,
        "-g", "typescript-fetch", "-o", folder / "client", "--additional-properties", "supportsES6=true",
    )
    (folder / "package.json").write_text('{"type": "module"}')
    options = ["--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"]
    return made and succeeds(NPM / "tsc", *options, folder / "client" / "index.ts")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path, help="the program to try")
    parser.add_argument("--seconds", type=int, default=60, help="how long the fuzzer may look")
    arguments = parser.parse_args()
    with Server(arguments.binary.resolve()) as server:
        server.seed()
        results = {}
        parts = {
            "spectral": spectral,
            "redocly": redocly,
            "python client": lambda: python_client(server),
            "typescript client": lambda: typescript_client(server),
            "compose": compose,
            "schemathesis": lambda: fuzz.run(server, fresh("fuzz"), arguments.seconds),
        }
        if shutil.which("java"):
            parts["openapi-generator"] = generator_client
        else:
            print("SKIPPED: openapi-generator needs java, which is not installed")
        for name, part in parts.items():
            start = time.monotonic()
            print(f"--- {name}", flush=True)
            results[name] = part()
            print(f"--- {name}: {'passed' if results[name] else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
        if not all(results.values()):
            print("what the server said:", *server.lines[-50:], sep="\n")
    passed = sum(results.values())
    print(f"contract: {passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


sys.exit(main())
