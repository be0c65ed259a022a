"""What is special to tutorial 1: the LSTM encoder, the reversed source, and its whole run."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import notebooks
from test_definitions import make_translator

EMBEDDING_DIM = 5


@pytest.fixture(scope="module")
def defs() -> ModuleType:
    return notebooks.definitions(notebooks.tutorials()[0])


def plain_lstm(
    inputs: list[Tensor], weights: dict[str, Tensor], hidden_states: list[Tensor], cell_states: list[Tensor]
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """The paper's equations, one scalar gate vector at a time: the top layer's outputs, and each layer's last states.

    hidden_states, cell_states: what each layer starts from.
    """
    last_hidden, last_cell = [], []
    for layer, (hidden, cell) in enumerate(zip(hidden_states, cell_states, strict=True)):
        outputs = []
        for x in inputs:
            gates = (
                weights[f"lstm.weight_ih_l{layer}"] @ x
                + weights[f"lstm.bias_ih_l{layer}"]
                + weights[f"lstm.weight_hh_l{layer}"] @ hidden
                + weights[f"lstm.bias_hh_l{layer}"]
            )
            i, f, g, o = gates.split(len(hidden))
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(cell)
            outputs.append(hidden)
        inputs = outputs
        last_hidden.append(hidden)
        last_cell.append(cell)
    return inputs, last_hidden, last_cell


def plain_encoder(words: list[int], weights: dict[str, Tensor], n_layers: int) -> tuple[list[Tensor], list[Tensor]]:
    """The last states of each layer, in float64, over a source read backwards."""
    inputs = [weights["embedding.weight"][word] * EMBEDDING_DIM**0.5 for word in reversed(words)]
    size = weights["lstm.weight_hh_l0"].shape[1]
    zeros = [torch.zeros(size, dtype=torch.float64)] * n_layers
    return plain_lstm(inputs, weights, zeros, zeros)[1:]


@pytest.mark.parametrize("n_layers", [1, 3])
def test_encoder_follows_the_equations(defs: ModuleType, n_layers: int) -> None:
    torch.manual_seed(0)
    encoder = defs.Encoder(11, EMBEDDING_DIM, 6, n_layers, dropout=0.3, word_dropout=0.2, pad_id=0).double().eval()
    sentences = [[4, 5, 6, 7, 8], [9], [10, 4, 9]]
    padded = torch.tensor([sentence + [0] * (5 - len(sentence)) for sentence in sentences])
    hidden, cell = encoder(padded, torch.tensor([len(sentence) for sentence in sentences]))
    for row, sentence in enumerate(sentences):
        expected_hidden, expected_cell = plain_encoder(sentence, encoder.state_dict(), n_layers)
        torch.testing.assert_close(hidden[:, row], torch.stack(expected_hidden), atol=1e-12, rtol=0)
        torch.testing.assert_close(cell[:, row], torch.stack(expected_cell), atol=1e-12, rtol=0)


@pytest.mark.parametrize("n_layers", [1, 3])
def test_decoder_follows_the_equations(defs: ModuleType, n_layers: int) -> None:
    torch.manual_seed(0)
    decoder = defs.Decoder(11, EMBEDDING_DIM, 6, n_layers, dropout=0.3, word_dropout=0.2, pad_id=0).double().eval()
    fed = torch.tensor([[2, 4, 5, 6], [2, 9, 10, 7]])
    hidden, cell = torch.randn(2, n_layers, 2, 6, dtype=torch.float64)
    logits, last_hidden, last_cell = decoder(fed, hidden, cell)
    weights = decoder.state_dict()
    for row, words in enumerate(fed.tolist()):
        inputs = [weights["embedding.weight"][word] * EMBEDDING_DIM**0.5 for word in words]
        start = list(hidden[:, row]), list(cell[:, row])
        outputs, expected_hidden, expected_cell = plain_lstm(inputs, weights, *start)
        read_outs = [torch.tanh(weights["read_out.weight"] @ top + weights["read_out.bias"]) for top in outputs]
        louder = [read_out * EMBEDDING_DIM**0.25 for read_out in read_outs]
        expected = [weights["embedding.weight"] @ read_out + weights["output_layer.bias"] for read_out in louder]
        torch.testing.assert_close(logits[row], torch.stack(expected), atol=1e-12, rtol=0)
        torch.testing.assert_close(last_hidden[:, row], torch.stack(expected_hidden), atol=1e-12, rtol=0)
        torch.testing.assert_close(last_cell[:, row], torch.stack(expected_cell), atol=1e-12, rtol=0)


def test_reversing_is_a_choice(defs: ModuleType) -> None:
    torch.manual_seed(0)
    encoder = defs.Encoder(11, EMBEDDING_DIM, 6, 2, dropout=0.0, word_dropout=0.0, pad_id=0).eval()
    forwards, backwards, lengths = torch.tensor([[4, 5, 6]]), torch.tensor([[6, 5, 4]]), torch.tensor([3])
    reversed_hidden, _ = encoder(forwards, lengths)
    encoder.reverse_source = False
    torch.testing.assert_close(encoder(backwards, lengths)[0], reversed_hidden)
    assert not torch.allclose(encoder(forwards, lengths)[0], reversed_hidden)


def test_output_layer_shares_the_embedding(defs: ModuleType) -> None:
    decoder = defs.Decoder(11, EMBEDDING_DIM, 6, 2, dropout=0.0, word_dropout=0.0, pad_id=0)
    assert decoder.output_layer.weight is decoder.embedding.weight


@settings(deadline=None, max_examples=50)
@given(sentences=st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), min_size=1, max_size=5))
def test_reverse_sentences_turns_each_within_its_length(sentences: list[list[int]]) -> None:
    defs = notebooks.definitions(notebooks.tutorials()[0])
    longest = max(map(len, sentences))
    padded = torch.tensor([sentence + [0] * (longest - len(sentence)) for sentence in sentences])
    turned = defs.reverse_sentences(padded, torch.tensor([len(sentence) for sentence in sentences]))
    expected = [sentence[::-1] + [0] * (longest - len(sentence)) for sentence in sentences]
    assert turned.tolist() == expected


def test_principal_components_keep_what_varies(defs: ModuleType) -> None:
    along = torch.linspace(-3, 3, 7, dtype=torch.float64).numpy()
    vectors = torch.zeros(7, 4, dtype=torch.float64).numpy()
    vectors[:, 2] = along + 5
    points = defs.principal_components(vectors)
    assert abs(points[:, 0]).tolist() == pytest.approx(abs(along).tolist())
    assert abs(points[:, 1]).max() < 1e-9


def test_an_ensemble_is_loaded_from_checkpoints(defs: ModuleType, tmp_path: Path) -> None:
    translator, other = make_translator(defs), make_translator(defs)
    torch.manual_seed(1)
    for parameter in other.model.parameters():
        parameter.data.normal_(std=0.5)
    defs.save_translator(other, tmp_path / "best.pt")
    ensemble = defs.load_ensemble(translator, [tmp_path / "best.pt"])
    models = list(ensemble.model.models)
    assert models[0] is translator.model and len(models) == 2 and not ensemble.model.training
    torch.testing.assert_close(models[1].state_dict(), other.model.state_dict())
    assert len(defs.translate(ensemble, ["Ein Hund.", ""])) == 2


def test_an_ensemble_needs_one_vocabulary(defs: ModuleType, tmp_path: Path) -> None:
    translator, other = make_translator(defs), make_translator(defs)
    other.src_vocabulary = defs.Vocabulary([*other.src_vocabulary.get_itos()[:-1], "other"])
    defs.save_translator(other, tmp_path / "best.pt")
    with pytest.raises(ValueError, match=r"best\.pt has another src_vocabulary"):
        defs.load_ensemble(translator, [tmp_path / "best.pt"])
    with pytest.raises(FileNotFoundError):
        defs.load_ensemble(translator, [tmp_path / "missing.pt"])


def test_a_sentences_vector_is_the_top_layers_last_state(defs: ModuleType) -> None:
    translator = make_translator(defs, n_layers=2)
    sentences = ["Zwei Kinder spielen im Park.", "Ein Hund rennt."]
    vectors = defs.sentence_vectors(translator, sentences)
    assert vectors.shape == (2, 12)
    for sentence, vector in zip(sentences, vectors, strict=True):
        words = defs.tokenize(sentence, translator.src_tokenizer)
        ids = torch.tensor([translator.src_vocabulary.lookup_indices(words)])
        hidden, _ = translator.model.encoder(ids, torch.tensor([len(words)]))
        torch.testing.assert_close(torch.tensor(vector), hidden[1, 0], atol=1e-6, rtol=0)
