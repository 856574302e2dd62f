"""Works out CloudWatch's metric math for one point in time, of those few operations used here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping

ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value_of(expression: str, values: Mapping[str, float]) -> float:
    """The value of an expression; `values` are its variables'. Its syntax is Python's, as far as it goes."""
    return _value(ast.parse(expression, mode="eval").body, values)


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return float(values[name])
        case ast.BinOp(left=left, op=sign, right=right):
            return ARITHMETIC[type(sign)](_value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
            return float(_value(left, values) >= _value(right, values))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, yes, no]):
            return _value(yes if _value(condition, values) else no, values)
    raise ValueError(f"not known here: {ast.unparse(node)}")
