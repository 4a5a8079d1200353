package assay.cli;

import assay.nn.LayerConfig;
import assay.nn.Parameter;
import assay.nn.TransformerConfig;
import assay.rm.Contract;
import assay.rm.GatePattern;
import assay.rm.RewardModel;
import assay.rm.RowReading;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.StepOptions;
import assay.rm.text.ComparisonEncoder;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.rm.text.TextEncoder;
import assay.rm.tree.DecisionTree;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code assay inspect}: what a model is, and how it reads a text; and what there is to compute on.
 */
@Command(
    name = "inspect",
    description = {
      "Shows a model's architecture, weights and contract, and how it reads texts;",
      "without --model only which devices this machine has."
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Runnable {
  /**
   * Made on first use: whatever the command, every command is created, and a mapper costs 0.3 s.
   */
  private static final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
  }

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      description = "Conversations: shows the text, its tokens, and where the score is read.")
  private String input;

  @Option(names = "--json", description = "With --input: one object a line for each conversation.")
  private boolean json;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (!models.isModelGiven() && input == null) {
      describeDevices(out);
      return;
    }
    try (Device device = models.openDevice();
        RewardModel model = models.load(device, spec.commandLine().getErr())) {
      if (input == null) {
        describe(model, device, out);
        line(out, "");
        describeDevices(out);
      } else {
        explain(model, out);
      }
    }
    out.flush();
  }

  private void describeDevices(PrintWriter out) {
    line(out, "devices");
    for (String device : models.devices().report()) {
      line(out, "  %s", device.replace("\n", "\n    "));
    }
    out.flush();
  }

  private static void describe(RewardModel model, Device device, PrintWriter out) {
    TransformerConfig config = model.config().transformer();
    line(out, "computing on   %s", device.description());
    line(out, "family         %s %s", config.modelType(), model.config().architectures());
    line(out, "weights        %,d", model.network().store().size());
    line(
        out,
        "layers         %d of width %d, MLP %d",
        config.numLayers(),
        config.hiddenSize(),
        config.intermediateSize());
    line(
        out,
        "attention      %d heads of %d, %d for keys and values",
        config.numHeads(),
        config.headDim(),
        config.numKeyValueHeads());
    line(out, "vocabulary     %,d", config.vocabSize());
    line(out, "positions      %,d", config.maxPositionEmbeddings());
    Map<String, Integer> kinds = new TreeMap<>();
    for (LayerConfig layer : config.layers()) {
      kinds.merge(describe(layer), 1, Integer::sum);
    }
    kinds.forEach((kind, count) -> line(out, "%-14s %s", count + " layers", kind));
    describeContract(model, out);
    Map<String, String> shapes = new LinkedHashMap<>();
    for (Parameter parameter : model.network().store().all()) {
      shapes.put(parameter.name(), parameter.shape().toString());
    }
    line(out, "");
    shapes.forEach((name, shape) -> line(out, "  %-50s %s", name, shape));
  }

  private static String describe(LayerConfig layer) {
    String window =
        layer.slidingWindow() == 0 ? "full attention" : "window " + layer.slidingWindow();
    return window + ", rope theta " + layer.rope().theta() + " " + layer.rope().scaling();
  }

  private static void describeContract(RewardModel model, PrintWriter out) {
    Optional<Contract> contract = model.contract();
    if (contract.isEmpty()) {
      line(
          out,
          "contract       none: no %s in the folder; read as %s",
          Contract.FILE,
          model.method().name());
      model.importedHead().ifPresent(head -> line(out, "head           %s", head.describe()));
      return;
    }
    Contract terms = contract.get();
    line(out, "contract       %s, %s", terms.method(), describe(terms.reading()));
    line(out, "  template     %s", terms.templateSha256().orElse("none"));
    line(out, "  its date     %s", terms.templateDate().orElse("does not depend on one"));
    line(out, "  BOS          %s", terms.bosToken().orElse("none"));
    line(out, "  EOS          %s", terms.endsWithEos() ? "ends every text" : "as in the template");
    line(out, "  max length   %d, longer: %s", terms.maxLength(), terms.tooLong());
    line(
        out,
        "  rewards      mean %.4f, standard deviation %.4f",
        terms.rewardMean(),
        terms.rewardStandardDeviation());
    line(out, "  probes       %d, as written", terms.probes().size());
    if (terms.reading() instanceof Contract.Gated(GatePattern _, List<String> objectives)) {
      line(out, "  objectives   %s", String.join(", ", objectives));
    }
    if (terms.reading() instanceof Contract.Compared(Contract.Heads _, DecisionTree tree)) {
      line(out, "");
      line(out, "p: how probably the first of two answers is the better one; first - second:");
      tree.toText().lines().forEach(line -> out.println("  " + line));
    }
  }

  private static String describe(Contract.Reading reading) {
    return switch (reading) {
      case Contract.LastToken _ -> "score read at the last token";
      case Contract.Verdict(
              AnswerTokens(int good, int bad),
              boolean whole,
              StepOptions.Over over) ->
          "tokens %d (+) and %d (-) read after %s, the reward is their %s"
              .formatted(
                  good,
                  bad,
                  whole ? "the answer" : "each step",
                  over.name().toLowerCase(Locale.ROOT));
      case Contract.Heads(List<String> names, List<Double> weights) ->
          "heads %s read at the last token, weighed by %s".formatted(names, weights);
      case Contract.Compared(Contract.Heads heads, DecisionTree tree) ->
          "heads %s read at the last token, compared by a tree of depth %d with %d leaves"
              .formatted(heads.names(), tree.depth(), tree.numLeaves());
      case Contract.Gated(GatePattern pattern, List<String> objectives) ->
          "%d objectives read at the last token, their gate where the tokens %s last begin"
              .formatted(objectives.size(), pattern.tokens());
      case Contract.Answer(ComparisonEncoder.Position position, AnswerTokens(int a, int b)) ->
          "tokens %d (A) and %d (B) read after the %s"
              .formatted(a, b, position.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    };
  }

  private void explain(RewardModel model, PrintWriter out) {
    try (RowReader rows =
        input.equals("-") ? RowFiles.open("stdin", System.in) : RowFiles.open(Path.of(input))) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        ScoreRow parsed = ScoreRow.parse(row.get());
        if (parsed instanceof ScoreRow.Unscorable unscorable) {
          throw new InvalidInputException(unscorable.error());
        }
        for (RowReading.Sequence sequence : model.read(parsed).sequences()) {
          explain(model, sequence, out);
        }
      }
    }
  }

  private void explain(RewardModel model, RowReading.Sequence sequence, PrintWriter out) {
    String text = sequence.text().orElse(null);
    int[] ids = sequence.ids();
    List<Integer> readAt = Arrays.stream(sequence.readAt()).boxed().toList();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("text", text);
      fields.put("tokens", ids);
      fields.put("read_at", readAt);
      out.println(Json.MAPPER.writeValueAsString(fields));
      return;
    }
    if (text != null) {
      line(out, "text:");
      out.println(text);
    }
    line(out, "%d tokens; > is where the model's head reads", ids.length);
    for (int i = 0; i < ids.length; i++) {
      String token = model.optionalEncoder().isPresent() ? token(model.encoder(), ids[i]) : "";
      line(out, "%s %5d  %7d  %s", readAt.contains(i) ? ">" : " ", i, ids[i], token);
    }
    line(out, "");
  }

  private static String token(TextEncoder encoder, int id) {
    return Json.MAPPER.writeValueAsString(encoder.tokenizer().token(id));
  }

  private static void line(PrintWriter out, String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
