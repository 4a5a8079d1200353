package assay.rm.armorm;

/**
 * States of N texts, {@code [N, hidden]}, that are gone through in order and need not fit memory.
 */
public interface EmbeddedRows {
  int numRows();

  int hiddenSize();

  /** Receives some rows. */
  interface Visitor {
    /**
     * @param firstRow number of the first of them
     * @param states {@code [rows][hidden]}; may be kept
     */
    void visit(int firstRow, float[][] states);
  }

  void forEach(Visitor visitor);

  /** So many rows of zeros, to plan with. */
  static EmbeddedRows zeros(int numRows, int hiddenSize) {
    return new EmbeddedRows() {
      @Override
      public int numRows() {
        return numRows;
      }

      @Override
      public int hiddenSize() {
        return hiddenSize;
      }

      @Override
      public void forEach(Visitor visitor) {
        for (int row = 0; row < numRows; row++) {
          visitor.visit(row, new float[1][hiddenSize]);
        }
      }
    };
  }

  /** Rows that are in memory. */
  static EmbeddedRows of(float[][] states) {
    return new EmbeddedRows() {
      @Override
      public int numRows() {
        return states.length;
      }

      @Override
      public int hiddenSize() {
        return states[0].length;
      }

      @Override
      public void forEach(Visitor visitor) {
        visitor.visit(0, states);
      }
    };
  }
}
