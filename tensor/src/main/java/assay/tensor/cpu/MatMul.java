package assay.tensor.cpu;

import assay.tensor.cpu.MatMulLoops.Block;

/**
 * F32 matrix product by tiles (Goto and van de Geijn 2008).
 *
 * <p>A register-sized tile of the result needs a few rows of A and a few columns of B. Both are
 * first copied ("packed") into panels on the heap where the tile's loop finds them one after the
 * other: a block of A's rows per worker, sized for the second-level cache, and B in column tiles,
 * each sized for the first-level cache. k is cut into runs that fit the panels; between runs the
 * partial sums rest in the result.
 *
 * <p>Each element of the result is one chain of fused multiply-adds over k ascending, whichever
 * tile, block and thread computes it. At the edges whole tiles are computed as well, into a spare
 * tile, from panels that hold leftovers beyond the edge; what belongs to the result is copied out.
 */
final class MatMul implements AutoCloseable {
  /** Columns of B that are packed at a time; bounds the panel for a large vocabulary. */
  private static final int MAX_COLUMNS = 4096;

  /** Rows of A that a worker packs at a time. */
  private static final int MAX_BLOCK_ROWS = 192;

  /** Multiply-adds below which another task costs more than it saves: about 5 microseconds. */
  private static final long MIN_TASK_SIZE = 250_000;

  /**
   * Packing an element of B, most of the work where A has a row or two, takes as long as so many
   * multiply-adds.
   */
  private static final int PACKING_COST = 16;

  /** Tiles along the side of a block below which packing takes a large part of the time. */
  private static final int MIN_BLOCK_TILES = 6;

  /** Runs of k end at multiples of this, for the sake of packing by vectors. */
  private static final int RUN_UNIT = 16;

  /** Elements of B below which they are packed by one thread. */
  private static final int MIN_PACK_SIZE = 16_384;

  /** A matrix in memory, {@code [rows, columns]} after transposing if the flag says so. */
  record Operand(long address, boolean transposed, int rows, int columns) {
    /** Packs a block, given in coordinates after transposing, into rows {@code stride} apart. */
    void pack(
        MatMulLoops loops,
        Range rowRange,
        Range columnRange,
        float[] panel,
        int start,
        int stride) {
      if (transposed) {
        loops.transpose(block(columnRange, rowRange, rows), panel, start, stride);
      } else {
        loops.copy(block(rowRange, columnRange, columns), panel, start, stride);
      }
    }

    private Block block(Range major, Range minor, int rowLength) {
      long first = (long) major.from() * rowLength + minor.from();
      return new Block(address + 4 * first, 4L * rowLength, major.size(), minor.size());
    }
  }

  /** From (included) to (excluded). */
  record Range(int from, int to) {
    int size() {
      return to - from;
    }

    /** Part i of this range cut into numParts nearly equal parts. */
    Range part(int i, int numParts) {
      long length = size();
      return new Range(
          from + (int) (length * i / numParts), from + (int) (length * (i + 1) / numParts));
    }
  }

  private final WorkerPool pool;
  private final MatMulLoops loops;
  private final float[][] aPanels; // per worker: a block of A's rows
  private final float[][] bPanels; // per worker: one column tile of B
  private final long[] spareTiles; // per worker: where tiles at the edges are computed
  private float[] sharedPanel = new float[0]; // all column tiles of B

  MatMul(WorkerPool pool, MatMulLoops loops) {
    this.pool = pool;
    this.loops = loops;
    int tileRows = loops.tileRows();
    int tileColumns = loops.tileColumns();
    int numThreads = pool.numThreads();
    aPanels = new float[numThreads][(MAX_BLOCK_ROWS + tileRows) * loops.maxDepth()];
    bPanels = new float[numThreads][loops.maxDepth() * tileColumns];
    spareTiles = new long[numThreads];
    for (int i = 0; i < numThreads; i++) {
      spareTiles[i] = Memory.allocate(4L * tileRows * tileColumns, 64);
    }
  }

  /**
   * {@code out = alpha a b}, or {@code out += alpha a b} with the chain starting at what out holds.
   * Each element of a is multiplied by alpha, and rounded, first.
   */
  synchronized void multiply(Operand a, Operand b, float alpha, boolean accumulate, long out) {
    int depth = a.columns();
    long outBytes = 4L * a.rows() * b.columns();
    if (outBytes == 0 || depth == 0) {
      if (!accumulate) {
        Memory.zero(out, outBytes);
      }
      return;
    }
    int maxColumns = MAX_COLUMNS / loops.tileColumns() * loops.tileColumns();
    int numRuns = Math.ceilDiv(depth, loops.maxDepth());
    Range units = new Range(0, Math.ceilDiv(depth, RUN_UNIT));
    for (int column = 0; column < b.columns(); column += maxColumns) {
      Range columns = new Range(column, Math.min(b.columns(), column + maxColumns));
      for (int run = 0; run < numRuns; run++) {
        Range part = units.part(run, numRuns);
        Range k = new Range(part.from() * RUN_UNIT, Math.min(depth, part.to() * RUN_UNIT));
        new Pass(a, b, alpha, out, columns, k, run == 0 && !accumulate).run();
      }
    }
  }

  @Override
  public void close() {
    for (long tile : spareTiles) {
      Memory.free(tile);
    }
  }

  /** One run of k over all rows and a range of columns. */
  private final class Pass {
    private final Operand a;
    private final Operand b;
    private final float alpha;
    private final long out;
    private final Range columns;
    private final Range k;
    private final boolean first;
    private final int numRowTiles;
    private final int numColumnTiles;
    private int numRowBlocks;
    private int numColumnBlocks = 1;

    Pass(Operand a, Operand b, float alpha, long out, Range columns, Range k, boolean first) {
      this.a = a;
      this.b = b;
      this.alpha = alpha;
      this.out = out;
      this.columns = columns;
      this.k = k;
      this.first = first;
      this.numRowTiles = Math.ceilDiv(a.rows(), loops.tileRows());
      this.numColumnTiles = Math.ceilDiv(columns.size(), loops.tileColumns());
    }

    void run() {
      chooseBlocks();
      boolean share = numRowBlocks > 1; // else each column tile is used by one task only
      if (share) {
        packShared();
      }
      pool.runOnWorkers(
          numRowBlocks * numColumnBlocks,
          (task, worker) ->
              multiplyBlock(task / numColumnBlocks, task % numColumnBlocks, worker, share));
    }

    /**
     * Cuts the result into tasks: some for each thread, but none too small. A block of rows packs
     * its part of A once, a block of columns all of A; so columns are cut only where there are many
     * of them and a single block of rows.
     */
    private void chooseBlocks() {
      int numThreads = pool.numThreads();
      long size = (long) (a.rows() + PACKING_COST) * columns.size() * k.size();
      int wanted = numThreads == 1 ? 1 : Math.clamp(size / MIN_TASK_SIZE, 1, 4 * numThreads);
      numRowBlocks = Math.ceilDiv(numRowTiles, MAX_BLOCK_ROWS / loops.tileRows());
      if (wanted == 1) {
        return;
      }
      if (numRowBlocks > 1 || numColumnTiles < MIN_BLOCK_TILES * numThreads) {
        int blocks = Math.max(numRowBlocks, Math.min(wanted, numRowTiles / MIN_BLOCK_TILES));
        blocks = Math.ceilDiv(Math.max(1, blocks), numThreads) * numThreads;
        numRowBlocks = Math.min(blocks, numRowTiles);
      }
      if (numRowBlocks == 1) {
        int most = Math.max(numColumnTiles / MIN_BLOCK_TILES, numThreads);
        int blocks = Math.ceilDiv(Math.min(wanted, most), numThreads) * numThreads;
        numColumnBlocks = Math.min(numColumnTiles, blocks);
      }
    }

    private void packShared() {
      int tileSize = k.size() * loops.tileColumns();
      if (sharedPanel.length < numColumnTiles * tileSize) {
        sharedPanel = new float[numColumnTiles * tileSize];
      }
      int tilesPerTask = Math.ceilDiv(MIN_PACK_SIZE, tileSize);
      pool.run(
          Math.ceilDiv(numColumnTiles, tilesPerTask),
          task -> {
            int end = Math.min(numColumnTiles, (task + 1) * tilesPerTask);
            for (int tile = task * tilesPerTask; tile < end; tile++) {
              packColumns(tile, sharedPanel, tile * tileSize);
            }
          });
    }

    private void multiplyBlock(int rowBlock, int columnBlock, int worker, boolean share) {
      Range rowTiles = new Range(0, numRowTiles).part(rowBlock, numRowBlocks);
      Range columnTiles = new Range(0, numColumnTiles).part(columnBlock, numColumnBlocks);
      float[] aPanel = aPanels[worker];
      packRows(rowTiles, aPanel);
      for (int tile = columnTiles.from(); tile < columnTiles.to(); tile++) {
        float[] bPanel = share ? sharedPanel : bPanels[worker];
        int bStart = share ? tile * k.size() * loops.tileColumns() : 0;
        if (!share) {
          packColumns(tile, bPanel, bStart);
        }
        multiplyColumnTile(rowTiles, tile, aPanel, bPanel, bStart, worker);
      }
    }

    private void packRows(Range rowTiles, float[] panel) {
      int from = rowTiles.from() * loops.tileRows();
      Range rows = new Range(from, Math.min(a.rows(), rowTiles.to() * loops.tileRows()));
      a.pack(loops, rows, k, panel, 0, k.size());
      if (alpha != 1) {
        for (int i = 0; i < rows.size() * k.size(); i++) {
          panel[i] *= alpha;
        }
      }
    }

    private void packColumns(int tile, float[] panel, int start) {
      int from = columns.from() + tile * loops.tileColumns();
      Range range = new Range(from, Math.min(columns.to(), from + loops.tileColumns()));
      b.pack(loops, k, range, panel, start, loops.tileColumns());
    }

    private void multiplyColumnTile(
        Range rowTiles, int columnTile, float[] aPanel, float[] bPanel, int bStart, int worker) {
      int tileRows = loops.tileRows();
      int depth = k.size();
      int column = columns.from() + columnTile * loops.tileColumns();
      int numColumns = Math.min(loops.tileColumns(), columns.to() - column);
      long rowBytes = 4L * b.columns();
      for (int tile = rowTiles.from(); tile < rowTiles.to(); tile++) {
        int row = tile * tileRows;
        int aStart = (tile - rowTiles.from()) * tileRows * depth;
        long c = out + row * rowBytes + 4L * column;
        int numRows = Math.min(tileRows, a.rows() - row);
        if (numRows == tileRows && numColumns == loops.tileColumns()) {
          loops.tile(aPanel, aStart, bPanel, bStart, depth, c, rowBytes, first);
        } else {
          long spare = spareTiles[worker];
          long spareRowBytes = 4L * loops.tileColumns();
          if (!first) {
            copyRows(c, rowBytes, spare, spareRowBytes, numRows, numColumns);
          }
          loops.tile(aPanel, aStart, bPanel, bStart, depth, spare, spareRowBytes, first);
          copyRows(spare, spareRowBytes, c, rowBytes, numRows, numColumns);
        }
      }
    }
  }

  private static void copyRows(
      long from, long fromRowBytes, long to, long toRowBytes, int numRows, int numColumns) {
    for (int row = 0; row < numRows; row++) {
      Memory.copy(from + row * fromRowBytes, to + row * toRowBytes, 4L * numColumns);
    }
  }
}
