package assay.rm.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/**
 * Text to token ids and back, as a model's {@code tokenizer.json} says.
 *
 * <p>The algorithms are those of Hugging Face's own library, through DJL; what is added here is
 * that nothing happens unasked: no truncation, no padding, no download, no report to anyone. May be
 * used by several threads at once.
 */
public final class Tokenizer implements AutoCloseable {
  /** The name of the file in a model folder. */
  public static final String FILE = "tokenizer.json";

  /** Kept, as the logging library itself would forget it with its level. */
  private static final Logger LIBRARY_LOGGER = Logger.getLogger("ai.djl");

  static {
    // Read by the library when it is first used. Without them it would report its use when it finds
    // itself on a cloud machine, and download a build for CUDA when it finds a GPU.
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("RUST_FLAVOR", "cpu");
    LIBRARY_LOGGER.setLevel(Level.WARNING);
  }

  private final Path file;
  private final HuggingFaceTokenizer library;
  private final Vocabulary vocabulary;
  private final int[] prefix;
  private final int[] suffix;

  private Tokenizer(Path file, HuggingFaceTokenizer library, Vocabulary vocabulary) {
    this.file = file;
    this.library = library;
    this.vocabulary = vocabulary;
    int[] plain = encode("a", false);
    int[] processed = encode("a", true);
    int start = indexOf(processed, plain);
    if (start < 0) {
      throw new InvalidInputException(
          file + ": its post-processor changes the tokens of the text, which is not supported");
    }
    this.prefix = Arrays.copyOfRange(processed, 0, start);
    this.suffix = Arrays.copyOfRange(processed, start + plain.length, processed.length);
  }

  /**
   * Loads {@code tokenizer.json} of a model folder.
   *
   * @throws InvalidInputException if it is missing or broken
   */
  public static Tokenizer load(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      throw new InvalidInputException(
          file
              + ": is missing; it can be made from older tokenizer files by transformers:"
              + " AutoTokenizer.from_pretrained(...).save_pretrained(...)");
    }
    String text = JsonFile.readText(file);
    Vocabulary vocabulary = Vocabulary.parse(file, text);
    return new Tokenizer(file, open(file, text), vocabulary);
  }

  private static HuggingFaceTokenizer open(Path file, String text) {
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
          Map.of("truncation", "false", "padding", "false"));
    } catch (EngineException e) {
      throw new IllegalStateException(
          "the tokenizer library cannot be loaded. It unpacks itself into ~/.djl.ai, or where the"
              + " environment variable DJL_CACHE_DIR says: can that be written?",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    } catch (RuntimeException e) {
      // The library has no exception of its own for a file that it does not understand.
      throw new InvalidInputException(file + ": is not a tokenizer: " + e.getMessage(), e);
    }
  }

  private static int indexOf(int[] ids, int[] part) {
    for (int start = 0; start + part.length <= ids.length; start++) {
      if (Arrays.equals(ids, start, start + part.length, part, 0, part.length)) {
        return start;
      }
    }
    return -1;
  }

  /**
   * The ids of a text, whole and without padding. Special tokens in the text become their ids.
   *
   * @param addSpecialTokens whether the post-processor adds its {@link #prefix} and {@link #suffix}
   * @throws InvalidInputException if the text holds half of a surrogate pair, which is no character
   */
  public int[] encode(String text, boolean addSpecialTokens) {
    requireWhole(text);
    long[] ids = library.encode(text, addSpecialTokens, false).getIds();
    return IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray();
  }

  private static void requireWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
        if (!pair) {
          throw new InvalidInputException(
              String.format(
                  "a text holds half of a surrogate pair (\\u%04x at character %d)", (int) c, i));
        }
        i++;
      }
    }
  }

  /** The text of ids, special tokens included. */
  public String decode(int[] ids) {
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** The id of a token, given as the vocabulary writes it. */
  public OptionalInt id(String token) {
    return vocabulary.id(token);
  }

  /**
   * A token as the vocabulary writes it, with its mark for a space and its bytes for other scripts;
   * empty if the vocabulary has no such id.
   */
  public String token(int id) {
    return vocabulary.token(id);
  }

  /** One more than the highest id. A model may have more rows than that, to round up its size. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** The tokens that are markers and no text, by id. */
  public SortedMap<Integer, String> specialTokens() {
    return vocabulary.special();
  }

  /** The unknown token, if no text gives it, as every byte has a token of its own. */
  Optional<PadToken.Existing> unreachableUnknown() {
    return vocabulary.unreachableUnknown();
  }

  /** What the post-processor puts before a text: a BOS token, or nothing. */
  public int[] prefix() {
    return prefix.clone();
  }

  /** What the post-processor puts after a text: an EOS token, or nothing. */
  public int[] suffix() {
    return suffix.clone();
  }

  /** Where it was loaded from. */
  public Path file() {
    return file;
  }

  /** Frees the library's memory. */
  @Override
  public void close() {
    library.close();
  }
}
