package assay.tensor.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import assay.tensor.InvalidInputException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The functions of {@code libnccl.so.2} that are called here. */
final class NcclLibrary {
  private static final String FILE = "libnccl.so.2";

  /** Bytes of an ncclUniqueId, which is passed by value. */
  static final int ID_BYTES = 128;

  private static final MemoryLayout ID =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ID_BYTES, JAVA_BYTE));

  /** All data are bytes to NCCL: it moves them and computes nothing. */
  private static final int BYTE = 0; // ncclInt8

  /** A run's ranks as one of them sees them, and the stream that its operations are put on. */
  record Ranks(MemorySegment communicator, MemorySegment stream) {}

  private static NcclLibrary loaded;

  private final SymbolLookup symbols;
  private final MethodHandle getUniqueId;
  private final MethodHandle commInitRank;
  private final MethodHandle commDestroy;
  private final MethodHandle getErrorString;
  private final MethodHandle allGather;
  private final MethodHandle broadcast;
  private final MethodHandle send;
  private final MethodHandle receive;
  private final MethodHandle groupStart;
  private final MethodHandle groupEnd;

  private NcclLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
    getUniqueId = function("ncclGetUniqueId", ADDRESS);
    commInitRank = function("ncclCommInitRank", ADDRESS, JAVA_INT, ID, JAVA_INT);
    commDestroy = function("ncclCommDestroy", ADDRESS);
    getErrorString =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.find("ncclGetErrorString").orElseThrow(),
                FunctionDescriptor.of(ADDRESS, JAVA_INT));
    // from, to, count, type, communicator, stream
    allGather =
        function("ncclAllGather", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    // from, to, count, type, root, communicator, stream
    broadcast =
        function(
            "ncclBroadcast", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    // what, count, type, whom, communicator, stream
    send = function("ncclSend", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    receive = function("ncclRecv", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    groupStart = function("ncclGroupStart");
    groupEnd = function("ncclGroupEnd");
  }

  private MethodHandle function(String name, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /**
   * Loads it once for the process.
   *
   * @throws InvalidInputException if it is not where CUDA's libraries are looked for
   */
  static synchronized NcclLibrary load() {
    if (loaded == null) {
      List<Path> folders =
          Stream.of(CudaFolders.installed(), CudaFolders.downloaded())
              .flatMap(found -> found.all().stream())
              .toList();
      Path file =
          folders.stream()
              .map(folder -> folder.resolve(FILE))
              .filter(Files::exists)
              .findFirst()
              .orElseThrow(
                  () ->
                      new InvalidInputException(
                          "several GPUs need %s, which was not found in %s; ./mvnw -Pcuda package brings it"
                              .formatted(FILE, folders)));
      loaded = new NcclLibrary(SymbolLookup.libraryLookup(file, Arena.global()));
    }
    return loaded;
  }

  byte[] newId() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(ID);
      check((int) getUniqueId.invokeExact(id), "ncclGetUniqueId");
      return id.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Waits for all ranks of the id. */
  MemorySegment join(byte[] id, int rank, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment communicator = arena.allocate(ADDRESS);
      MemorySegment name = arena.allocate(ID).copyFrom(MemorySegment.ofArray(id));
      check((int) commInitRank.invokeExact(communicator, size, name, rank), "ncclCommInitRank");
      return communicator.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void destroy(MemorySegment communicator) {
    try {
      check((int) commDestroy.invokeExact(communicator), "ncclCommDestroy");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * @param numBytes of a part
   */
  void allGather(Ranks ranks, long part, long whole, long numBytes) {
    try {
      check(
          (int)
              allGather.invokeExact(part, whole, numBytes, BYTE, ranks.communicator, ranks.stream),
          "ncclAllGather");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void broadcast(Ranks ranks, long address, long numBytes, int root) {
    try {
      check(
          (int)
              broadcast.invokeExact(
                  address, address, numBytes, BYTE, root, ranks.communicator, ranks.stream),
          "ncclBroadcast");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** What is sent and received until {@link #groupEnd} goes on at the same time. */
  void groupStart() {
    try {
      check((int) groupStart.invokeExact(), "ncclGroupStart");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void groupEnd() {
    try {
      check((int) groupEnd.invokeExact(), "ncclGroupEnd");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void send(Ranks ranks, long address, long numBytes, int receiver) {
    try {
      check(
          (int)
              send.invokeExact(address, numBytes, BYTE, receiver, ranks.communicator, ranks.stream),
          "ncclSend");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void receive(Ranks ranks, long address, long numBytes, int sender) {
    try {
      check(
          (int)
              receive.invokeExact(
                  address, numBytes, BYTE, sender, ranks.communicator, ranks.stream),
          "ncclRecv");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void check(int result, String function) throws Throwable {
    if (result != 0) {
      MemorySegment text = (MemorySegment) getErrorString.invokeExact(result);
      String words = text.reinterpret(Long.MAX_VALUE).getString(0);
      throw new IllegalStateException("NCCL: %s: %s (%d)".formatted(function, words, result));
    }
  }

  /** A handle's call declares Throwable; what it throws is unchecked. */
  private static RuntimeException rethrown(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(thrown);
    };
  }
}
