"""Compilation of loops to machine code, kept on disk where that is possible.

numba keeps machine code by the time of one source file alone: a function that calls one of another, changed file
would go on running the old one. So the folder of the machine code is named after the contents of the whole kernel: of
all files here, which other kernels call, and of those beside the function's own. Machine code of older contents goes
when newer is made. A process that runs from it has it in memory, and compiles again what it had not loaded.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

_NOT_NEEDED = ("coverage", "scipy")
_VERSIONS_KEPT = 3


def _imported_alone() -> Any:
    """numba, without what it would import only to ask for a version, to tell of itself, or for BLAS, which no loop
    here calls. None of it is garbage, so nobody looks for some meanwhile."""
    absent = [name for name in _NOT_NEEDED if name not in sys.modules]
    sys.modules.update(cast("dict[str, ModuleType]", dict.fromkeys(absent)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("numba.np.arraymath")
        return importlib.import_module("numba")
    finally:
        if collecting:
            gc.enable()
        for name in absent:
            del sys.modules[name]


numba = _imported_alone()
types: Any = numba.types
cgutils: Any = importlib.import_module("numba.core.cgutils")
ir: Any = cgutils.ir
instruction: Any = importlib.import_module("numba.extending").intrinsic
"""Decorator of a function that writes instructions, see `recommender.ranker.processor`."""

_runtime: Any = importlib.import_module("numba.core.runtime").rtsys
_structref = importlib.import_module("numba.experimental.structref")
NativeType: Any = types.StructRef
"""Base of what the compiler knows values as that are kept in the machine code's own form."""
_Held: Any = _structref.StructRefProxy


class Native(_Held):
    """Base of what Python holds of such values."""

    _numba_type_ = _Held._type  # asked in every call, of a property in Python otherwise


_codegen: Any = importlib.import_module("numba.core.codegen")
_Library: Any = _codegen.JITCodeLibrary
_CALLED_FROM_PYTHON = "_ZN7cpython"
"""How the names of functions begin that Python calls; all machine code on disk has its own."""


class _LateLibrary(_Library):
    """Machine code from the disk. What the compiler needs to build it into other functions is not parsed before a
    compiler asks for it: to parse all that a function calls takes longer than to load its machine code."""

    _unparsed: bytes | None = None

    @classmethod
    def _unserialize(cls, codegen: Any, state: Any) -> Any:
        name, kind, data = state
        if kind != "object":
            base: Any = super()
            return base._unserialize(codegen, state)
        library = codegen.create_library(name)
        machine_code, library._unparsed = data
        library.enable_object_caching()
        library._set_compiled_object(machine_code)
        library._finalize_final_module()
        return library

    def get_pointer_to_function(self, name: str) -> Any:
        if self._unparsed is not None and name.startswith(_CALLED_FROM_PYTHON):
            return self._codegen._engine.get_function_address(name)
        self._parse()
        base: Any = super()
        return base.get_pointer_to_function(name)

    def _get_module_for_linking(self) -> Any:
        self._parse()
        base: Any = super()
        return base._get_module_for_linking()

    def _parse(self) -> None:
        unparsed, self._unparsed = self._unparsed, None
        if unparsed is not None:
            self._shared_module = _codegen.ll.parse_bitcode(unparsed)
            self._codegen._engine._load_defined_symbols(self._shared_module)


_HERE = Path(__file__).parent

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` as machine code: compiled once a machine, or once a process where no folder can be written.

    Called from Python it lets go of the interpreter's lock, so that other threads run meanwhile. Division is the
    processor's own: by zero it gives an infinity or NaN, as in numpy, and no exception, for which no loop could take
    several elements at a time.
    """
    return _compiled(function, lets_go=True)


def compiled_brief(function: F) -> F:
    """`compiled` for what answers a cart: it keeps the interpreter's lock.

    The call is over in a fraction of a millisecond. A thread that lets go of the lock may wait longer than that until
    the next one, half through another request, gives it back, and finds the processor's own memory full of that.
    """
    return _compiled(function, lets_go=False)


def _compiled(function: F, *, lets_go: bool) -> F:
    folder = _known_folder(Path(function.__code__.co_filename).parent)
    if folder is not None and not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(folder)
    machine_code = numba.njit(cache=folder is not None, nogil=lets_go, error_model="numpy")(function)
    if folder is not None:
        kept = machine_code._cache
        kept.save_overload = _one_at_a_time(kept.save_overload, folder / "lock")
        kept.load_overload = _without_compiler(kept._load_overload)
    return cast("F", machine_code)


def native(known_as: type, held_as: type, *fields: str) -> None:
    """Let compiled functions make, take and return values of `fields` as one pointer.

    An array costs every call that it is handed over to, some tenth of a microsecond; the arrays of a model are many.

    Parameters
    ----------
    known_as : subclass of `NativeType`.  held_as : subclass of `Native`.  Machine code on disk names both by their
        module and their name.
    """
    _structref.register(known_as)
    _structref.define_proxy(held_as, known_as, fields)


def _one_at_a_time(save: Callable[[Any, Any], None], lock: Path) -> Callable[[Any, Any], None]:
    """`save` by one process at a time, and without an error where the disk refuses.

    numba numbers a function's files by an index that it reads, changes and writes: of two processes at once each could
    take the same number for machine code of different types, and a third would run the one for the other.
    """

    def save_alone(signature: Any, machine_code: Any) -> None:
        with suppress(OSError), open(lock, "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            save(signature, machine_code)

    return save_alone


def _without_compiler(load: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`load` alone: numba would first teach its compiler all that it may meet, which costs more than to load it all."""

    def load_alone(signature: Any, target: Any) -> Any:
        _runtime.initialize(target)
        target.codegen()._library_class = _LateLibrary
        return load(signature, target)

    return load_alone


def _folder(home: Path) -> Path | None:
    files = sorted({*_HERE.glob("*.py"), *home.glob("*.py")})
    content = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    versions = f"kernel-{hashlib.sha256(os.fsencode(home)).hexdigest()[:6]}"
    for place in _places(home):
        folder = place / f"{versions}-{content}"
        try:
            new = not folder.exists()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK) and _is_ours(folder) and _is_ours(place):
                os.utime(folder)
                if new:
                    _drop_older(place.glob(f"{versions}-*"))
                return folder
        except OSError:
            continue
    return None


def _drop_older(versions: Iterable[Path]) -> None:
    """Delete all but those that were used last; what another process deletes meanwhile is no error."""
    for version in sorted(versions, key=_last_use, reverse=True)[_VERSIONS_KEPT:]:
        shutil.rmtree(version, ignore_errors=True)


def _last_use(version: Path) -> float:
    try:
        return version.stat().st_mtime
    except FileNotFoundError:
        return 0.0


_known_folder = cache(_folder)


def _places(home: Path) -> Iterator[Path]:
    yield home / "__pycache__"
    if os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "goeswith"
    with suppress(RuntimeError):  # an account without a home
        yield Path.home() / ".cache" / "goeswith"
    yield Path(tempfile.gettempdir()) / f"goeswith-{os.getuid()}"


def _is_ours(folder: Path) -> bool:
    """Whether nobody else may put machine code there, which would run as us."""
    found = folder.stat()
    return found.st_uid in {os.getuid(), 0} and not found.st_mode & 0o022
