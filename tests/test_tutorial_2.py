"""What is special to tutorial 2: the GRU, the context at every step, and what is done with contexts."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import notebooks
from plain_gru import parameters_of, plain_gru_step
from test_definitions import ENGLISH, GERMAN, make_translator

SIZES = {"embedding_dim": 5, "hidden_dim": 6, "dropout": 0.3, "word_dropout": 0.2, "pad_id": 0}
SENTENCES = [[4, 5, 6], [9], [10, 4, 9, 7, 8]]  # sorting them by length and back takes two different orders
TARGETS = [[2, 4, 5, 6, 7], [2, 8, 0, 0, 0], [2, 9, 4, 0, 0]]


@pytest.fixture(scope="module")
def defs() -> ModuleType:
    return notebooks.definitions(notebooks.tutorials()[1])


def plain_context(words: list[int], weights: dict[str, Tensor]) -> Tensor:
    """The context of one sentence: c = tanh(V [end of the forward reading; end of the backward one] + b)."""
    ends = []
    for order, suffix in ((words, "l0"), (words[::-1], "l0_reverse")):
        hidden = torch.zeros(weights["gru.weight_hh_l0"].shape[1], dtype=torch.float64)
        for word in order:
            embedded = weights["embedding.weight"][word] * SIZES["embedding_dim"] ** 0.5
            hidden = plain_gru_step(embedded, hidden, *parameters_of(weights, "gru", suffix))
        ends.append(hidden)
    return torch.tanh(weights["to_context.weight"] @ torch.cat(ends) + weights["to_context.bias"])


def plain_decoder(
    words: list[int], start: Tensor, context: Tensor, weights: dict[str, Tensor]
) -> tuple[list[Tensor], Tensor]:
    """The logits after each word fed, and the last state: `start` makes the first state, `context` joins each step."""
    hidden = torch.tanh(weights["to_first_hidden.weight"] @ start + weights["to_first_hidden.bias"])
    logits = []
    for word in words:
        embedded = weights["embedding.weight"][word] * SIZES["embedding_dim"] ** 0.5
        hidden = plain_gru_step(torch.cat([embedded, context]), hidden, *parameters_of(weights, "gru", "l0"))
        features = torch.cat([hidden, embedded, context])
        read_out = torch.tanh(weights["read_out.weight"] @ features + weights["read_out.bias"])
        louder = read_out * SIZES["embedding_dim"] ** 0.25
        logits.append(weights["embedding.weight"] @ louder + weights["output_layer.bias"])
    return logits, hidden


def make_decoder(defs: ModuleType, **changes: object) -> nn.Module:
    """A small decoder in float64 whose weights are large enough to matter."""
    torch.manual_seed(0)
    decoder = defs.Decoder(11, **SIZES, **changes).double().eval()
    with torch.no_grad():
        for weight in decoder.parameters():
            weight.mul_(2.0)
    return decoder


# --- the GRU -------------------------------------------------------------------------------------------------------


def test_gru_step_with_the_reset_first_is_the_papers(defs: ModuleType) -> None:
    torch.manual_seed(0)
    gru = nn.GRU(3, 4, batch_first=True).double()
    x, past = torch.randn(3, dtype=torch.float64), torch.randn(4, dtype=torch.float64)
    inputs, states = gru.weight_ih_l0.tolist(), gru.weight_hh_l0.tolist()
    biases = (gru.bias_ih_l0 + gru.bias_hh_l0).tolist()

    def product(matrix: list[list[float]], row: int, vector: list[float]) -> float:
        return sum(weight * value for weight, value in zip(matrix[row], vector, strict=True))

    def logistic(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    x_values, past_values = x.tolist(), past.tolist()
    sums = [product(inputs, row, x_values) + product(states, row, past_values) + biases[row] for row in range(8)]
    reset = [logistic(value) for value in sums[:4]]  # equation 5
    update = [logistic(value) for value in sums[4:]]  # equation 6
    kept = [gate * value for gate, value in zip(reset, past_values, strict=True)]
    expected = []
    for unit in range(4):
        row = 8 + unit
        candidate = math.tanh(product(inputs, row, x_values) + product(states, row, kept) + biases[row])  # equation 8
        expected.append(update[unit] * past_values[unit] + (1 - update[unit]) * candidate)  # equation 7
    found = defs.gru_step(x, past, gru, reset_first=True)
    assert found.tolist() == pytest.approx(expected, abs=1e-12)
    assert not torch.allclose(found, defs.gru_step(x, past, gru, reset_first=False), atol=1e-3)


def test_gru_step_with_the_reset_after_is_pytorchs(defs: ModuleType) -> None:
    torch.manual_seed(0)
    gru, cell = nn.GRU(3, 4, batch_first=True).double(), nn.GRUCell(3, 4).double()
    cell.load_state_dict({name.removesuffix("_l0"): weight for name, weight in gru.state_dict().items()})
    x, past = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 4, dtype=torch.float64)
    found = [defs.gru_step(*row, gru, reset_first=False) for row in zip(x, past, strict=True)]
    torch.testing.assert_close(torch.stack(found), cell(x, past), atol=1e-12, rtol=0)


# --- encoder and decoder -------------------------------------------------------------------------------------------


def test_encoder_follows_the_equations(defs: ModuleType) -> None:
    torch.manual_seed(0)
    encoder = defs.Encoder(11, **SIZES).double().eval()
    padded = torch.tensor([sentence + [0] * (6 - len(sentence)) for sentence in SENTENCES])
    contexts = encoder(padded, torch.tensor([len(sentence) for sentence in SENTENCES]))
    assert contexts.shape == (3, 12)
    for context, sentence in zip(contexts, SENTENCES, strict=True):
        torch.testing.assert_close(context, plain_context(sentence, encoder.state_dict()), atol=1e-12, rtol=0)


def test_first_hidden_is_made_from_the_context(defs: ModuleType) -> None:
    decoder, context = make_decoder(defs), torch.randn(3, 12, dtype=torch.float64)
    hidden = decoder.first_hidden(context)
    assert hidden.shape == (1, 3, 6)
    layer = decoder.to_first_hidden
    expected = [[math.tanh(value) for value in (layer.weight @ row + layer.bias).tolist()] for row in context]
    torch.testing.assert_close(hidden[0], torch.tensor(expected, dtype=torch.float64), atol=1e-12, rtol=0)


@pytest.mark.parametrize("every_step", [True, False])
def test_decoder_follows_the_equations(defs: ModuleType, every_step: bool) -> None:
    decoder = make_decoder(defs, context_at_every_step=every_step)
    context, trg = torch.randn(3, 12, dtype=torch.float64), torch.tensor(TARGETS)
    logits, hidden = decoder(trg, decoder.first_hidden(context), context)
    assert logits.shape == (3, 5, 11) and hidden.shape == (1, 3, 6)
    for row, words in enumerate(TARGETS):
        seen = context[row] if every_step else torch.zeros_like(context[row])
        expected, last = plain_decoder(words, context[row], seen, decoder.state_dict())
        torch.testing.assert_close(logits[row], torch.stack(expected), atol=1e-12, rtol=0)
        torch.testing.assert_close(hidden[0, row], last, atol=1e-12, rtol=0)


def test_context_at_every_step_reaches_each_step_directly(defs: ModuleType) -> None:
    decoder, trg = make_decoder(defs), torch.tensor(TARGETS)
    one, other = torch.randn(2, 3, 12, dtype=torch.float64)
    hidden = decoder.first_hidden(one)
    change = decoder(trg, hidden, one)[0] - decoder(trg, hidden, other)[0]
    assert (change.abs().amax(dim=2) > 1e-3).all()


def test_context_at_the_start_only_acts_through_the_first_hidden(defs: ModuleType) -> None:
    decoder, trg = make_decoder(defs, context_at_every_step=False), torch.tensor(TARGETS)
    one, other = torch.randn(2, 3, 12, dtype=torch.float64)
    hidden, other_hidden = decoder.first_hidden(one), decoder.first_hidden(other)
    logits, _ = decoder(trg, hidden, one)
    assert torch.equal(decoder(trg, hidden, other)[0], logits)
    assert ((decoder(trg, other_hidden, one)[0] - logits).abs().amax(dim=2)[:, 0] > 1e-3).all()


@pytest.mark.parametrize("every_step", [True, False])
def test_the_configuration_decides_when_the_context_is_seen(defs: ModuleType, every_step: bool) -> None:
    model = make_translator(defs, context_at_every_step=every_step).model
    assert model.decoder.context_at_every_step is every_step
    assert defs.count_parameters(model) == defs.count_parameters(make_translator(defs).model)
    src, lengths, trg = torch.tensor([[4, 5, 6]]), torch.tensor([3]), torch.tensor([[2, 4, 5, 3]])
    hidden, context = model.encode(src, lengths)
    logits, _ = model.decode_step(trg[:, 0], (hidden, context))
    without, _ = model.decode_step(trg[:, 0], (hidden, torch.zeros_like(context)))
    assert torch.equal(logits, without) is not every_step


def test_output_layer_shares_the_embedding(defs: ModuleType) -> None:
    decoder = defs.Decoder(11, **SIZES)
    assert decoder.output_layer.weight is decoder.embedding.weight


# --- what is done with contexts ------------------------------------------------------------------------------------


def test_score_of_a_pair_is_the_sum_of_its_log_probabilities(defs: ModuleType) -> None:
    translator = make_translator(defs)
    pairs = [defs.Pair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)]
    found = defs.score_pairs(translator, pairs)
    for score, pair in zip(found, pairs, strict=True):
        src = translator.src_vocabulary(defs.tokenize(pair.src, translator.src_tokenizer))
        trg = [2, *translator.trg_vocabulary(defs.tokenize(pair.trg, translator.trg_tokenizer)), 3]
        logits = translator.model(torch.tensor([src]), torch.tensor([len(src)]), torch.tensor([trg]))[0].tolist()
        expected = 0.0
        for step, word in enumerate(trg[1:]):
            expected += logits[step][word] - math.log(sum(math.exp(logit) for logit in logits[step]))
        assert score == pytest.approx(expected, abs=1e-4)


def test_score_of_a_pair_ignores_the_other_pairs(defs: ModuleType) -> None:
    translator = make_translator(defs)
    pairs = [defs.Pair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)]
    assert len({len(pair.trg.split()) for pair in pairs}) > 1  # there is padding
    alone = [defs.score_pairs(translator, [pair])[0] for pair in pairs]
    translator.model.train()  # scoring must switch dropout off
    assert defs.score_pairs(translator, pairs) == pytest.approx(alone, abs=1e-4)
    assert defs.score_pairs(translator, pairs[::-1]) == pytest.approx(alone[::-1], abs=1e-4)
    assert len({round(score, 2) for score in alone}) == len(pairs)


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("Ein Hund rennt.", 5, {"ein Hund": 1}),
        ("Ein großer brauner Hund rennt im Park.", 5, {"ein großer brauner Hund": 1, "im Park": 1}),
        ("Ein großer brauner Hund rennt im Park.", 4, {"ein großer brauner Hund": 1, "im Park": 1}),
        ("Ein großer brauner Hund rennt im Park.", 3, {"im Park": 1}),
        ("Ein Hund rennt.", 1, {}),
        ("ein sehr sehr großer Hund", 5, {"ein sehr sehr großer Hund": 1}),
        ("ein sehr sehr sehr großer Hund", 5, {}),
        ("Ein junger, blonder Mann schläft.", 5, {}),
        ("Er läuft im . Park", 5, {}),
        ("Auf der Straße spielen Kinder.", 5, {"auf der Straße": 1, "der Straße": 1}),
        ("Ein Hund sieht ein Hund ein Kind.", 5, {"ein Hund": 2, "ein Kind": 1}),
        ("Hunde rennen mit Freude.", 5, {}),  # "mit" is no start here
        ("Er steht auf der", 5, {}),
        ("  Ein \n Hund", 5, {"ein Hund": 1}),
        ("", 5, {}),
    ],
)
def test_phrases_of_a_sentence(defs: ModuleType, text: str, longest: int, expected: dict[str, int]) -> None:
    tokenizer = defs.load_tokenizer("de")
    assert defs.find_phrases([text], {"ein", "im", "auf", "der"}, tokenizer, longest) == expected


def test_phrases_are_counted_over_all_texts_and_five_words_long_by_default(defs: ModuleType) -> None:
    texts = ["Ein Hund rennt.", "ein sehr sehr großer Hund", "ein sehr sehr sehr großer Hund", "Das ist ein Hund."]
    found = defs.find_phrases(iter(texts), {"ein"}, defs.load_tokenizer("de"))
    assert found.most_common() == [("ein Hund", 2), ("ein sehr sehr großer Hund", 1)]


def test_context_of_a_text_ignores_the_other_texts(defs: ModuleType) -> None:
    translator = make_translator(defs)
    texts = ["Ein Hund", "Zwei Kinder spielen im Park mit einem Ball.", "Hund", "Quokka"]
    alone = [torch.tensor(defs.contexts_of(translator, [text])[0]) for text in texts]
    translator.model.train()  # contexts must be without dropout
    together = torch.tensor(defs.contexts_of(translator, texts))
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-6, rtol=0)
    src = torch.tensor([translator.src_vocabulary(["ein", "hund"])])
    torch.testing.assert_close(together[0], translator.model.encoder(src, torch.tensor([2]))[0], atol=1e-6, rtol=0)
    assert not torch.allclose(together[0], together[2], atol=1e-3)


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 7),
    scales=st.lists(st.floats(0.01, 100), min_size=9, max_size=9),
)
def test_nearest_is_by_cosine_whatever_the_lengths(seed: int, n: int, scales: list[float]) -> None:
    defs = notebooks.definitions(notebooks.tutorials()[1])
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(7, 5, generator=generator, dtype=torch.float64)
    queries = torch.randn(2, 5, generator=generator, dtype=torch.float64)
    cosines = [[nn.functional.cosine_similarity(q, v, dim=0).item() for v in vectors] for q in queries]
    expected = [sorted(range(7), key=row.__getitem__, reverse=True)[:n] for row in cosines]
    stretched = vectors * torch.tensor(scales[:7], dtype=torch.float64).unsqueeze(1)
    asked = queries * torch.tensor(scales[7:], dtype=torch.float64).unsqueeze(1)
    assert defs.nearest(queries.numpy(), vectors.numpy(), n).tolist() == expected
    assert defs.nearest(asked.numpy(), stretched.numpy(), n).tolist() == expected
