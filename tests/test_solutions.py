"""The exercises' solutions in tutorials 2 and 3 that change a definition, applied to it and checked.

Those that stand alone run after the notebook in test_execution.py.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import notebooks
from test_execution import BLOCK, SOLUTION
from test_tutorial_3 import double

SECOND, THIRD = notebooks.later_tutorials()
SIZES = {"embedding_dim": 5, "hidden_dim": 6, "dropout": 0.3, "word_dropout": 0.2, "pad_id": 0}
TRG = torch.tensor([[2, 4, 5, 6], [2, 7, 3, 0]])


def solution(path: Path, number: int) -> str:
    """The text of one exercise's solution."""
    text = "\n".join(cell["source"] for cell in notebooks.load(path)["cells"] if cell["cell_type"] == "markdown")
    (found,) = (each for each in SOLUTION.findall(text) if each.startswith(f"<summary>Solution {number}:"))
    return found


def blocks(path: Path, number: int) -> list[str]:
    """The code of one exercise's solution."""
    return BLOCK.findall(solution(path, number))


def source_of(path: Path, name: str) -> str:
    """The lines that define a class or function, decorators included."""
    for cell in notebooks.code_cells(notebooks.load(path)):
        for node in notebooks.parse(cell["source"]).body:
            if getattr(node, "name", None) == name:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                return "\n".join(cell["source"].splitlines()[first - 1 : node.end_lineno]) + "\n"
    raise AssertionError(f"{path.name} does not define {name}")


def replaced(source: str, first: str, new: str, indent: int = 0, last: str | None = None) -> str:
    """The source with new in place of the line that starts with first, or of all lines from there to that of last."""
    lines = source.splitlines(keepends=True)
    (begin,) = (index for index, line in enumerate(lines) if line.strip().startswith(first))
    (end,) = (index for index, line in enumerate(lines) if line.strip().startswith(last or first))
    body = "".join(" " * indent + line for line in new.splitlines(keepends=True))
    return "".join(lines[:begin]) + body + "".join(lines[end + 1 :])


def define(defs: ModuleType, *sources: str) -> dict[str, Any]:
    """What the sources define, with the tutorial's definitions around them; these stay as they are."""
    names = dict(vars(defs))
    for source in sources:
        exec(compile(source, "<solution>", "exec"), names)
    return names


# --- tutorial 2: maxout --------------------------------------------------------------------------------------------


def maxout_decoder() -> nn.Module:
    layer, pieces = blocks(SECOND, 1)
    source = replaced(source_of(SECOND, "Decoder"), "self.read_out =", layer, indent=8)
    source = replaced(source, "read_out = torch.tanh(", pieces, indent=8)
    torch.manual_seed(0)
    return define(notebooks.definitions(SECOND), source)["Decoder"](11, **SIZES).eval()


def test_maxout_keeps_the_larger_of_each_pair() -> None:
    decoder = maxout_decoder()
    seen: dict[str, Tensor] = {}
    decoder.read_out.register_forward_hook(lambda _, __, output: seen.update(pieces=output))
    decoder.output_layer.register_forward_hook(lambda _, inputs, __: seen.update(read_out=inputs[0]))
    context = torch.randn(2, 2 * SIZES["hidden_dim"])
    logits, _ = decoder(TRG, decoder.first_hidden(context), context)
    assert logits.shape == (2, 4, 11) and seen["pieces"].shape == (2, 4, 10)
    larger = torch.stack([seen["pieces"][:, :, 2 * i : 2 * i + 2].max(dim=2).values for i in range(5)], dim=2)
    torch.testing.assert_close(seen["read_out"], larger * decoder.logit_scale)


# --- tutorial 3: the new state asks --------------------------------------------------------------------------------


ASKS_ALONE = "Attention(hidden_dim, state_dim, attention_dim)"


@pytest.fixture(scope="module")
def new_state_asks() -> tuple[ModuleType, nn.Module]:
    """Tutorial 3's definitions, and its model in float64 with the solution's decoder."""
    defs = notebooks.definitions(THIRD)
    assert f"`{ASKS_ALONE}`" in solution(THIRD, 5)
    start, loop = blocks(THIRD, 5)
    loop, end = loop.split("...\n")
    source = replaced(source_of(THIRD, "Decoder"), "self.attention =", f"self.attention = {ASKS_ALONE}\n", indent=8)
    memory = "return hidden, Memory("
    kept = next(line for line in source.splitlines(keepends=True) if line.strip().startswith(memory))
    source = replaced(source, memory, start + kept.lstrip(), indent=8)
    source = replaced(source, "for word, from_word in", loop, indent=8, last="steps.append(")
    source = replaced(source, "return logits, hidden, weights", end, indent=8)
    torch.manual_seed(0)
    decoder = define(defs, source)["Decoder"](11, attention_dim=7, **SIZES)
    return defs, double(defs.Seq2Seq(defs.Encoder(11, **SIZES), decoder))


def test_the_state_that_asks_has_read_the_word(new_state_asks) -> None:
    """Two sentences, step by step: s from the word and the context before it, then a context from s alone."""
    defs, model = new_state_asks
    src, lengths = torch.tensor([[4, 5, 6], [9, 0, 0]]), torch.tensor([3, 1])
    states, backward_end, mask = model.encoder(src, lengths)
    decoder = model.decoder
    _, _, weights = decoder(TRG, *decoder.start(states, backward_end, mask))
    embedded = decoder.embedding(TRG) * decoder.embedding_scale
    for row, length in enumerate(lengths):
        words, word_mask = states[row : row + 1, :length], mask[row : row + 1, :length]
        keys = decoder.attention.keys(words)
        hidden = torch.tanh(decoder.to_first_hidden(backward_end[row : row + 1]))
        context = torch.zeros(1, words.shape[2], dtype=torch.float64)
        for step in range(TRG.shape[1]):
            from_word = decoder.embedded_to_gates(embedded[row : row + 1, step])
            from_input = from_word + decoder.context_to_gates(context)
            hidden = defs.gru_step(from_input, decoder.hidden_to_gates(hidden), hidden)
            context, looked_at = decoder.attention(hidden, keys, words, word_mask)
            torch.testing.assert_close(weights[row, step, :length], looked_at[0], atol=1e-11, rtol=0)


def test_the_context_travels_from_call_to_call(new_state_asks) -> None:
    _, model = new_state_asks
    src, lengths = torch.tensor([[4, 5, 6], [9, 0, 0]]), torch.tensor([3, 1])
    at_once = model(src, lengths, TRG)
    torch.testing.assert_close(model.forward_step_by_step(src, lengths, TRG, 1.0), at_once, atol=1e-11, rtol=0)
