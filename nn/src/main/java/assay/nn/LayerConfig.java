package assay.nn;

/**
 * What may differ from layer to layer.
 *
 * @param slidingWindow a key is visible iff 0 &lt;= queryPosition - keyPosition &lt; slidingWindow;
 *     0 = no window: every earlier key is visible
 * @param rope this layer's rotary embedding (Gemma 3 turns its local layers faster)
 */
public record LayerConfig(int slidingWindow, RopeConfig rope) {
  public LayerConfig {
    if (slidingWindow < 0) {
      throw new IllegalArgumentException("negative sliding window: " + slidingWindow);
    }
  }
}
