package assay.nn.generation;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.KeyValueCache;
import assay.tensor.InvalidInputException;
import assay.tensor.Segments;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes on where prompts end, token by token, several prompts at a time.
 *
 * <p>A step reads all weights once, whether for one sequence or for eight: on a CPU, which waits
 * for its memory, eight cost little more than one. What all prompts begin with is computed once. On
 * the CPU an answer does not depend on what is generated beside it.
 */
public final class Generator {
  /**
   * What to write on.
   *
   * @param ids of the prompt's tokens
   * @param seed of what is drawn for it
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  public record Prompt(int[] ids, long seed) {}

  /**
   * What was written.
   *
   * @param ids without the stop token
   * @param stopped false if there was no room for more
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  public record Answer(int[] ids, boolean stopped) {}

  /** A sequence that is being written. */
  private static final class Sequence {
    final TokenSampler sampler;
    final int maxTokens;
    final IntStream.Builder written = IntStream.builder();
    int numWritten;
    int row; // of the last token that was read
    int lastToken;
    boolean stopped;

    Sequence(TokenSampler sampler, int maxTokens, int row) {
      this.sampler = sampler;
      this.maxTokens = maxTokens;
      this.row = row;
    }

    boolean isDone() {
      return stopped || numWritten == maxTokens;
    }
  }

  private final LanguageModel model;

  public Generator(LanguageModel model) {
    this.model = model;
  }

  /**
   * Answers to prompts, in their order.
   *
   * @throws InvalidInputException if a prompt leaves no room for an answer
   */
  public List<Answer> generate(List<Prompt> prompts, Sampling sampling) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    int shared = sharedPrefix(prompts);
    int[] room = prompts.stream().mapToInt(prompt -> room(prompt, sampling)).toArray();
    Segments layout = layout(prompts, room, shared);
    List<Sequence> sequences = new ArrayList<>();
    int first = shared == 0 ? 0 : 1;
    for (int i = 0; i < room.length; i++) {
      int[] ids = prompts.get(i).ids();
      int row = layout.start(first + i) + ids.length - shared - 1;
      TokenSampler sampler = new TokenSampler(sampling, prompts.get(i).seed());
      sequences.add(new Sequence(sampler, room[i], row));
    }
    try (KeyValueCache cache = model.trunk().newCache(layout)) {
      readPrompts(prompts, shared, sequences, cache, sampling);
      List<Sequence> live = sequences.stream().filter(sequence -> !sequence.isDone()).toList();
      while (!live.isEmpty()) {
        live.forEach(sequence -> sequence.row++);
        int[] ids = live.stream().mapToInt(sequence -> sequence.lastToken).toArray();
        int[] rows = live.stream().mapToInt(sequence -> sequence.row).toArray();
        step(ids, rows, live, cache, sampling);
        live = live.stream().filter(sequence -> !sequence.isDone()).toList();
      }
    }
    return sequences.stream()
        .map(sequence -> new Answer(sequence.written.build().toArray(), sequence.stopped))
        .toList();
  }

  /** Tokens that all prompts begin with, leaving each at least one of its own. */
  private static int sharedPrefix(List<Prompt> prompts) {
    int[] first = prompts.getFirst().ids();
    int shared = prompts.size() == 1 ? 0 : first.length - 1;
    for (Prompt other : prompts) {
      int limit = Math.min(shared, other.ids().length - 1);
      int mismatch = Arrays.mismatch(first, 0, limit, other.ids(), 0, limit);
      shared = mismatch < 0 ? limit : mismatch;
    }
    return shared;
  }

  /** The most tokens that may follow on a prompt. */
  private int room(Prompt prompt, Sampling sampling) {
    int limit = model.trunk().config().maxPositionEmbeddings();
    int length = prompt.ids().length;
    if (length == 0 || length >= limit) {
      throw new InvalidInputException(
          "a prompt of "
              + length
              + " tokens; the model reads "
              + limit
              + " with its answer, and at least one before it");
    }
    return Math.min(sampling.maxNewTokens(), limit - length);
  }

  /** A root for what all prompts share, if anything, and a segment for the rest of each. */
  private static Segments layout(List<Prompt> prompts, int[] room, int shared) {
    int first = shared == 0 ? 0 : 1;
    int[] lengths = new int[first + room.length];
    int[] parents = new int[first + room.length];
    Arrays.fill(parents, shared == 0 ? Segments.NONE : 0);
    if (shared > 0) {
      lengths[0] = shared;
      parents[0] = Segments.NONE;
    }
    for (int i = 0; i < room.length; i++) {
      // The last token that is written is read by nobody.
      lengths[first + i] = prompts.get(i).ids().length - shared + room[i] - 1;
    }
    return Segments.of(lengths, parents);
  }

  private void readPrompts(
      List<Prompt> prompts,
      int shared,
      List<Sequence> sequences,
      KeyValueCache cache,
      Sampling sampling) {
    IntStream.Builder ids = IntStream.builder();
    IntStream.Builder rows = IntStream.builder();
    for (int i = 0; i < shared; i++) {
      ids.add(prompts.getFirst().ids()[i]);
      rows.add(i);
    }
    for (int i = 0; i < prompts.size(); i++) {
      int[] prompt = prompts.get(i).ids();
      for (int position = shared; position < prompt.length; position++) {
        ids.add(prompt[position]);
        rows.add(sequences.get(i).row - (prompt.length - 1) + position);
      }
    }
    step(ids.build().toArray(), rows.build().toArray(), sequences, cache, sampling);
  }

  /** Reads tokens, and chooses the one that follows on each sequence's last row. */
  private void step(
      int[] ids, int[] rows, List<Sequence> sequences, KeyValueCache cache, Sampling sampling) {
    int vocab = model.trunk().config().vocabSize();
    int[] readRows = sequences.stream().mapToInt(sequence -> sequence.row).toArray();
    float[] logits; // [sequences, vocab]
    try (TensorArena arena = TensorArena.open(model.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      Variable states = model.trunk().forwardCached(tape, ids, cache, rows, readRows);
      logits = model.logits(states).value().toFloats();
    }
    for (int i = 0; i < sequences.size(); i++) {
      Sequence sequence = sequences.get(i);
      int token = sequence.sampler.choose(logits, i * vocab, vocab);
      if (sampling.stopTokens().contains(token)) {
        sequence.stopped = true;
      } else {
        sequence.lastToken = token;
        sequence.written.add(token);
        sequence.numWritten++;
      }
    }
  }
}
