package assay.rm;

import assay.nn.Parameter;
import assay.nn.Transformer;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.text.PadToken;
import assay.rm.text.PadTokenFiles;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The pad token under which a model is saved, and what it changes: a new token needs a row of zeros
 * in the embedding.
 *
 * @param id -1 for none
 * @param token empty for a model without tokenizer files, or if the files are to stay as they are
 * @param vocabSize rows of the embedding as it is saved
 */
record PadTokenExport(int id, Optional<PadToken> token, int vocabSize) {
  static PadTokenExport of(TrainingSetup setup) {
    ModelConfig config = setup.config();
    int rows = config.transformer().vocabSize();
    Set<Integer> endpoints = new HashSet<>(config.eosTokenIds());
    config.bosTokenId().ifPresent(endpoints::add);
    Optional<PadToken> token =
        setup.encoder().map(text -> text.padToken(config.padTokenId(), endpoints, rows));
    int id = token.map(PadToken::id).orElseGet(() -> padId(config, endpoints, rows));
    return new PadTokenExport(id, token, Math.max(rows, id + 1));
  }

  /** The model's own, whatever it is. */
  static PadTokenExport unchanged(ModelConfig config) {
    int vocabSize = config.transformer().vocabSize();
    return new PadTokenExport(config.padTokenId().orElse(-1), Optional.empty(), vocabSize);
  }

  /** Without a tokenizer: the config's if nothing ends with it, else a new one. */
  private static int padId(ModelConfig config, Set<Integer> endpoints, int rows) {
    int current = config.padTokenId().orElse(rows);
    return endpoints.contains(current) ? rows : Math.min(current, rows);
  }

  /** The shape that a parameter is saved with. */
  Shape shape(Parameter parameter) {
    return isExtended(parameter)
        ? Shape.of(vocabSize, parameter.shape().dim(1))
        : parameter.shape();
  }

  private boolean isExtended(Parameter parameter) {
    return parameter.name().equals(Transformer.EMBEDDING) && parameter.shape().dim(0) < vocabSize;
  }

  /**
   * Goes through the tensors that are saved, F32, one at a time: there is never a whole model in
   * one place. If it is spread over ranks, all of them must.
   */
  void forEachTensor(List<Parameter> parameters, BiConsumer<String, Tensor> sink) {
    for (Parameter parameter : parameters) {
      try (TensorArena arena = TensorArena.open(parameter.device(), "scratch")) {
        Tensor weights = parameter.toFloat32(arena);
        if (isExtended(parameter)) {
          Tensor extended = arena.zeros(DType.F32, shape(parameter));
          Tensor rows = extended.rows(0, parameter.shape().dim(0));
          arena.device().backend().unary(UnaryKind.COPY, weights, rows);
          weights = extended;
        }
        sink.accept(parameter.name(), weights);
      }
    }
  }

  /** Makes the tokenizer files of a folder name the token. */
  void writeTokenizer(Path folder) {
    token.ifPresent(pad -> PadTokenFiles.write(folder, pad));
  }
}
