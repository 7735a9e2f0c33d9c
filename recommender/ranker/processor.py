"""What the compiler has no words for: sums of many candidates at a time, and memory asked for ahead of its use.

Numba lets a function write the processor's instructions by itself, in the language of LLVM.
"""

from __future__ import annotations

from typing import Any

from recommender.ranker.compiled import cgutils, instruction, ir, types

UNITS, LANES = 4, 32
"""Units and places that `weigh` sums at a time; LLVM splits a row of places into what the processor has room for."""
LINE = 16
"""Numbers of four bytes that `fetch` brings at a time."""

_INDEX, _WHOLE, _FLOAT = ir.IntType(64), ir.IntType(32), ir.FloatType()
_POINTER = ir.IntType(8).as_pointer()
_LANES = ir.VectorType(_FLOAT, LANES)
_NOTHING = ir.Constant(_LANES, ir.Undefined)
_ALL_THE_FIRST = ir.Constant(ir.VectorType(_WHOLE, LANES), [0] * LANES)
_FMA = ir.FunctionType(_LANES, [_LANES] * 3)
_PREFETCH = ir.FunctionType(ir.VoidType(), [_POINTER, _WHOLE, _WHOLE, _WHOLE])
_TO_READ, _INTO_THE_SECOND_CACHE, _DATA = _WHOLE(0), _WHOLE(2), _WHOLE(1)


@instruction
def fetch(_: Any, array: Any, place: Any) -> Any:
    """``fetch(array, place)``: let memory bring what stands there; a place outside of the array does no harm."""

    def written(context: Any, builder: Any, _: Any, given: Any) -> Any:
        data = context.make_array(array)(context, builder, given[0]).data
        prefetch = cgutils.get_or_insert_function(builder.module, _PREFETCH, "llvm.prefetch.p0")
        pointer = builder.bitcast(builder.gep(data, [given[1]]), _POINTER)
        builder.call(prefetch, [pointer, _TO_READ, _INTO_THE_SECOND_CACHE, _DATA])
        return context.get_dummy_value()

    return types.void(array, place), written


@instruction
def weigh(_: Any, units: Any, unit: Any, place: Any, values: Any, weights: Any, bias: Any) -> Any:
    """``weigh(units, unit, place, values, weights, bias)``: sums of `UNITS` units from `unit` on, as far as there are
    so many, for `LANES` places from `place` on.

    ``units[unit, j] = bias[unit] + sum over i of weights[i, unit] * values[i, j]``, all of them float32 and in one
    piece. Each step is rounded once (IEEE 754's fusedMultiplyAdd), so that every processor gives the same.
    """
    kinds = (units, unit, place, values, weights, bias)

    def written(context: Any, builder: Any, _: Any, given: Any) -> Any:
        arrays = [context.make_array(kinds[at])(context, builder, given[at]) for at in (0, 3, 4, 5)]
        _weigh(builder, *arrays, unit=given[1], place=given[2])
        return context.get_dummy_value()

    return types.void(*kinds), written


def _weigh(builder: Any, units: Any, values: Any, weights: Any, bias: Any, unit: Any, place: Any) -> None:
    rows, width = cgutils.unpack_tuple(builder, values.shape)
    columns = cgutils.unpack_tuple(builder, weights.shape)[1]
    fma = cgutils.get_or_insert_function(builder.module, _FMA, f"llvm.fma.v{LANES}f32")
    last = builder.sub(columns, _INDEX(1))

    def lanes_at(array: Any, row: Any) -> Any:
        start = builder.gep(array.data, [builder.add(builder.mul(row, width), place)])
        return builder.bitcast(start, _LANES.as_pointer())

    def on_all_lanes(array: Any, at: Any) -> Any:
        one = builder.load(builder.gep(array.data, [at]))
        lanes = builder.insert_element(_NOTHING, one, _WHOLE(0))
        return builder.shuffle_vector(lanes, _NOTHING, _ALL_THE_FIRST)

    each = [_at_most(builder, builder.add(unit, _INDEX(n)), last) for n in range(UNITS)]
    totals = [cgutils.alloca_once_value(builder, on_all_lanes(bias, at)) for at in each]
    with cgutils.for_range(builder, rows) as loop:
        lanes, row = builder.load(lanes_at(values, loop.index), align=4), builder.mul(loop.index, columns)
        for at, total in zip(each, totals, strict=True):
            weight = on_all_lanes(weights, builder.add(row, at))
            builder.store(builder.call(fma, [lanes, weight, builder.load(total)]), total)
    for at, total in zip(each, totals, strict=True):
        builder.store(builder.load(total), lanes_at(units, at), align=4)


def _at_most(builder: Any, number: Any, most: Any) -> Any:
    return builder.select(builder.icmp_signed("<", number, most), number, most)
