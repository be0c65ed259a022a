"""What is new in tutorial 6: attention with heads, positions, layers, the cache."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import notebooks
import toys
from toys import DE, EN, GERMAN, INPUT, LENGTHS, SRC

path = notebooks.tutorial(6)
t6 = notebooks.definitions(path)
TINY = {"embedding_dim": 6, "n_layers": 2, "n_heads": 3, "feed_forward_dim": 7}


def make_translator(**changes):
    return toys.make_translator(t6, **TINY | changes)


def embed(table: Tensor, words: Tensor) -> Tensor:
    """Word vectors times the root of their size, plus sines and cosines."""
    size, found = table.shape[1], []
    for position, word in enumerate(words.tolist()):
        waves = []
        for pair in range(size // 2):
            angle = position / 10000 ** (2 * pair / size)
            waves += [math.sin(angle), math.cos(angle)]
        found.append(table[word] * math.sqrt(size) + torch.tensor(waves).double())
    return torch.stack(found)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_the_model_is_nn_transformer_between_its_embeddings_and_logits() -> None:
    """PyTorch's, in float64 and with padding; its masks mean the opposite."""
    model = make_translator().model
    sizes = (6, 3, 2, 2, 7)  # those of TINY
    theirs = nn.Transformer(*sizes, norm_first=True, batch_first=True).double().eval()
    both = ((model.encoder, theirs.encoder), (model.decoder, theirs.decoder))
    for ours, stack in both:
        stack.norm.load_state_dict(ours.norm.state_dict())
        for layer, copied in zip(ours.layers, stack.layers, strict=True):
            t6.copy_layer(layer, copied)
    padding = t6.Vocabulary.pad_id == SRC
    masks = {"src_key_padding_mask": padding, "memory_key_padding_mask": padding}
    masks["tgt_mask"] = torch.ones(3, 3).triu(1).bool()
    tables = model.encoder.embedding.weight, model.decoder.embedding.weight
    src = torch.stack([embed(tables[0], words) for words in SRC])
    trg = torch.stack([embed(tables[1], words) for words in INPUT])
    bias = model.decoder.output_layer.bias  # the table serves as weights, too
    expected = theirs(src, trg, **masks) @ tables[1].T + bias
    found = model(SRC, LENGTHS, INPUT)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_padding_and_later_words_change_nothing() -> None:
    model = make_translator().model
    found = toys.check_batches_and_steps(model)
    longer = model(SRC, LENGTHS, F.pad(INPUT, (0, 4)))
    torch.testing.assert_close(longer[:, :3], found)
    for step in (1, 2):
        changed = INPUT.clone()
        changed[:, step] = 10
        moved = (model(SRC, LENGTHS, changed) - found).abs().amax(dim=(0, 2))
        assert (moved[:step] < 1e-12).all() and (moved[step:] > 1e-3).all()


def test_the_cache_changes_nothing() -> None:
    """Nor after rows were repeated, left out and reordered; nor in a beam search."""
    model = make_translator().model
    cached = t6.CachedSeq2Seq(model.encoder, model.decoder).eval()
    words, models = torch.randint(4, 11, (3, 40)), (model, cached)
    states = [one.encode(SRC, LENGTHS) for one in models]
    for step, rows in enumerate([[0, 1, 2], [2, 0, 2], [1, 1, 0], [2, 1, 0]] * 10):
        logits, rows = [], torch.tensor(rows)
        for index, one in enumerate(models):
            found, state = one.decode_step(words[:, step], states[index])
            states[index] = one.select(state, rows)
            logits.append(found)
        torch.testing.assert_close(*logits, rtol=1e-5, atol=1e-5)
    for size in (1, 5):
        plain, fast = (t6.beam_search(one, SRC, LENGTHS, size) for one in models)
        assert plain == fast and any(plain)
    plain, fast = (t6.greedy_search(one, SRC, LENGTHS) for one in models)
    assert plain == fast


def test_maps_are_those_of_the_translation(monkeypatch) -> None:
    translator, shown = make_translator(), []
    monkeypatch.setattr(t6, "show", lambda figure, text: shown.append(figure))
    for sentence in (GERMAN[1], "Ein ba$$in kostet $x_ und $."):
        src_words, fed, written, maps = t6.attention_maps(translator, sentence)
        assert src_words == t6.tokenize(sentence, DE) and fed[1:] == written[:-1]
        text = t6.detokenize(fed[1:], EN)
        assert text == t6.translate(translator, sentence, beam_size=1)
        for kind, rows, columns in (
            ("encoder self-attention", src_words, src_words),
            ("decoder self-attention", fed, fed),
            ("decoder cross-attention", written, src_words),
        ):
            for weights in maps[kind]:
                assert weights.shape == (3, len(rows), len(columns))
                sums = weights.sum(dim=2)
                torch.testing.assert_close(sums, torch.ones_like(sums))
            assert len(maps[kind]) == 2
        assert (maps["decoder self-attention"][1].triu(1) == 0).all()
    t6.show_heads(translator, sentence)
    for figure in shown:
        figure.canvas.draw()  # a dollar starts a formula in matplotlib
        assert len(figure.axes) == 6
    assert not any(one._forward_pre_hooks for one in translator.model.modules())
    with pytest.raises(ValueError, match="nothing to translate"):
        t6.attention_maps(translator, " ")


def test_a_translator_is_saved_loaded_and_used(tmp_path) -> None:
    translator = make_translator()
    model, loaded = translator.model.float(), []
    for one in (model, t6.CachedSeq2Seq(model.encoder, model.decoder)):
        translator.model = one
        t6.save_translator(translator, tmp_path / "best.pt")
        loaded.append(t6.load_translator(tmp_path / "best.pt"))
    expected = t6.translate(translator, GERMAN)
    assert [t6.translate(one, GERMAN) for one in loaded] == [expected] * 2
    with pytest.raises(ValueError, match="multiple of n_heads"):
        t6.Settings(embedding_dim=10, n_heads=4)
