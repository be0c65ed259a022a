# The ladder of speed from the plain way to the tutorial's: each rung changes one thing.
from itertools import islice


class WordByWord(nn.Module):
    """The plain way to train: a loop over the words, and chance decides what is fed."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, src, src_lengths, decoder_input):
        """Return what the model returns, with teacher forcing at half of the steps."""
        state, logits, steps = self.model.encode(src, src_lengths), None, []
        for right in decoder_input.unbind(dim=1):  # right: [batch size]
            forced = logits is None or random.random() < 0.5
            words = right if forced else logits.argmax(dim=1)
            logits, state = self.model.decode_step(words, state)
            steps.append(logits)
        return torch.stack(steps, dim=1)


class KeysAnew(nn.Module):
    """Tutorial 3's model, but each step computes all keys again."""

    def __init__(self, model):
        super().__init__()
        self.model, self.encode, self.select = model, model.encode, model.select

    def decode_step(self, words, state):
        """Return what the model returns."""
        keys = self.model.decoder.attention.keys(state.values)
        return self.model.decode_step(words, state._replace(keys=keys))


def in_turns(ways):
    """Return how many each way does in a second, in each of three rounds."""
    rates = {name: [] for name in ways}
    for turn in range(4):
        for name, way in ways.items():
            start = time.perf_counter()
            n = way()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if turn > 0:  # the first warms up
                rates[name].append(round(n / (time.perf_counter() - start), 1))
    return rates


def translate_all(sources, used=translator, size=100, search=greedy_search):
    """Translate sources in batches of a size; return their number."""
    translate_ids(used, sources, search, size)
    return len(sources)


def train(module, loader, n_batches):
    """Train on the first batches of a loader; return the number of target tokens."""
    batches = list(islice(loader, n_batches))
    train_epoch(module, batches, optimizer, scheduler, settings)
    return sum(int((batch.trg[:, 1:] != Vocabulary.pad_id).sum()) for batch in batches)


few, many = test_sources[:50], test_sources
train_set, size = examples["train"], settings.batch_size
hundreds = [many[start : start + 100] for start in range(0, len(many), 100)]
similar = partial(make_loader, train_set, size, seed=1)
of_any = partial(DataLoader, train_set, size, shuffle=True, collate_fn=collate)
optimizer, scheduler = make_optimizer(model, settings, 10**6)
looped = WordByWord(model)

greedy, training = {}, {}
if results["tutorial"] == 3:
    anew = KeysAnew(model)
    slow = replace(translator, model=anew), WordByWord(anew)
    keys = ", keys anew"
    greedy["one sentence at a time" + keys] = lambda: translate_all(few, slow[0], 1)
    training["loop over words" + keys] = lambda: train(slow[1], of_any(), 10)
greedy["one sentence at a time"] = lambda: translate_all(few, size=1)
greedy["batches of 100"] = lambda: sum(map(translate_all, hundreds))
greedy["batches of similar length"] = lambda: translate_all(many)
training["loop over words"] = lambda: train(looped, of_any(), 10)
training["batches of similar length"] = lambda: train(looped, similar(), 10)
training["all words in one call"] = lambda: train(model, similar(), 40)
beam = {
    "one sentence at a time": lambda: translate_all(few, size=1, search=search),
    "batches of similar length": lambda: translate_all(many, search=search),
}
ladders = {"greedy search": greedy, "beam of 5": beam, "training": training}
measured = {what: in_turns(ways) for what, ways in ladders.items()}
measured["threads"] = torch.get_num_threads()
