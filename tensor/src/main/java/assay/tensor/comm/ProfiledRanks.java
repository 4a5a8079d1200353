package assay.tensor.comm;

import assay.tensor.Span;
import assay.tensor.Tensor;
import java.util.Locale;
import java.util.function.Supplier;

/** A communicator whose operations are spans in a profile, on the thread that calls it. */
final class ProfiledRanks extends DecoratedRanks {
  ProfiledRanks(Communicator ranks) {
    super(ranks);
  }

  @Override
  protected Pending begin(Collective kind, Tensor whole, Supplier<Pending> operation) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    try (Span _ = Span.begin(Span.Kind.COLLECTIVE, name, whole.bytes())) {
      return operation.get();
    }
  }
}
