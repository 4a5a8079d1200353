package assay.rm.data;

import assay.rm.recipe.Recipe.TooLong;
import assay.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.Optional;

/**
 * From a row that passed the filter to token ids.
 *
 * @param reader what the kind of reward model reads for a pair
 * @param maxLength the most tokens a side may have; exactly as many fit
 * @param tooLong what becomes of a longer side; each side is cut by itself
 * @param vocabularySize token ids are below it
 */
public record PairEncoder(PairReader reader, int maxLength, TooLong tooLong, int vocabularySize) {

  /** Either a pair or the reason why there is none. */
  sealed interface Result {
    record Encoded(PreferencePair pair) implements Result {}

    /**
     * @param detail what the reason's sentence does not say, or empty
     */
    record Dropped(DropReason reason, String detail) implements Result {}
  }

  Result encode(PairRow row) {
    return switch (row) {
      case PairRow.TokenIds ids -> {
        require(row, reader.faultOfTokenIds());
        PairReader.Sides sides = new PairReader.Sides(ids.chosen(), ids.rejected());
        yield finish(row, sides, Optional.empty());
      }
      case PairRow.Conversations texts -> {
        require(row, reader.faultOfTexts());
        Optional<DropReason> fault = reader.fault(texts.prompt(), texts.chosen(), texts.rejected());
        if (fault.isPresent()) {
          yield dropped(fault.get());
        }
        PairReader.Sides sides;
        try {
          sides = reader.encode(texts.prompt(), texts.chosen(), texts.rejected());
        } catch (InvalidInputException e) {
          yield new Result.Dropped(DropReason.TEMPLATE_REFUSED, e.getMessage());
        }
        yield finish(row, sides, Optional.of(texts.promptHash()));
      }
    };
  }

  private static void require(PairRow row, Optional<String> fault) {
    if (fault.isPresent()) {
      throw new InvalidInputException(row.place() + ": " + fault.get());
    }
  }

  private Result finish(PairRow row, PairReader.Sides sides, Optional<Long> promptHash) {
    int[] chosen = sides.chosen();
    int[] rejected = sides.rejected();
    if (chosen.length == 0 || rejected.length == 0) {
      return dropped(DropReason.NO_TOKENS);
    }
    if (outOfRange(chosen) || outOfRange(rejected)) {
      return dropped(DropReason.TOKEN_ID_OUT_OF_RANGE);
    }
    int longer = Math.max(chosen.length, rejected.length);
    if (longer > maxLength && tooLong == TooLong.DROP) {
      return dropped(DropReason.TOO_LONG);
    }
    if (longer > maxLength && tooLong == TooLong.ERROR) {
      throw new InvalidInputException(
          "%s: a side has %d tokens, more than data.max_length %d"
              .formatted(row.place(), longer, maxLength));
    }
    // Taken before truncation, since what is cut off still tells prompts apart.
    long hash =
        promptHash.orElseGet(
            () -> TextHash.of(chosen, PreferencePair.sharedPrefix(chosen, rejected)));
    int[] chosenIds = tooLong.truncate(chosen, maxLength);
    int[] rejectedIds = tooLong.truncate(rejected, maxLength);
    if (Arrays.equals(chosenIds, rejectedIds)) {
      return dropped(DropReason.SAME_TOKENS);
    }
    RowPlace place = row.place();
    Optional<DropReason> fault = reader.tokenCheck().fault(place, chosenIds, rejectedIds);
    if (fault.isPresent()) {
      return dropped(fault.get());
    }
    return new Result.Encoded(
        new PreferencePair(
            chosenIds,
            rejectedIds,
            row.margin(),
            row.target(),
            row.source(),
            row.id(),
            place.file(),
            place.number(),
            hash,
            sides.chosenLength(),
            sides.rejectedLength()));
  }

  private boolean outOfRange(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        return true;
      }
    }
    return false;
  }

  private static Result dropped(DropReason reason) {
    return new Result.Dropped(reason, "");
  }
}
