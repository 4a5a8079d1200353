package assay.rm;

import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import java.util.List;
import java.util.Optional;

/** A kind of reward model that gives every conversation a reward of its own. */
public sealed interface ConversationReward extends RewardMethod
    permits BradleyTerry, Odin, Regression, ArmoRm {
  /** Empty for a model without tokenizer files, which reads token ids only. */
  Optional<TextEncoder> encoder();

  @Override
  default List<List<Message>> probeConversations() {
    return Probes.CONVERSATIONS;
  }

  @Override
  default int[] encodeProbe(List<Message> conversation) {
    return encoder().orElseThrow().encode(conversation);
  }

  @Override
  default PairRewards rewards(double[] chosen, double[] rejected) {
    return new PairRewards(chosen[0], rejected[0]);
  }

  /** Others look for the last token that is no padding, so padding must be told from text. */
  @Override
  default PadTokenExport padToken(TrainingSetup setup) {
    return PadTokenExport.of(setup);
  }
}
