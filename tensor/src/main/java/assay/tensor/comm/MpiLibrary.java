package assay.tensor.comm;

import static java.lang.foreign.ValueLayout.ADDRESS;
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
import java.util.List;

/**
 * The functions of Open MPI's {@code libmpi} that are called here. All data are bytes to MPI: it
 * moves them and computes nothing.
 *
 * <p>The MPI standard fixes names and meaning, but not the binary interface. In Open MPI's a
 * communicator or a type is the address of a variable of the library.
 */
final class MpiLibrary {
  /** A library's file or name, in place of Open MPI's usual ones. */
  static final String PROPERTY = "assay.mpi.library";

  private static final List<String> NAMES = List.of("libmpi.so.40", "libmpi.so");
  private static final String INSTALL =
      """
      Install Open MPI 4 or 5 (Debian, Ubuntu: apt install openmpi-bin libopenmpi-dev; on a cluster \
      often: module load openmpi) and start with its mpirun, or name the file with -D%s=<path>"""
          .formatted(PROPERTY);

  /** Only the thread that initialised MPI will call it. */
  private static final int THREAD_FUNNELED = 1;

  private static final int MAX_ERROR_STRING = 256;

  /** In place of what to send: it is already where it would be received. */
  static final long IN_PLACE = 1;

  private static final long IGNORE_STATUS = 0;

  private final SymbolLookup symbols;
  private final long world;
  private final long bytes;
  private final MethodHandle initThread;
  private final MethodHandle setErrorHandler;
  private final MethodHandle commRank;
  private final MethodHandle commSize;
  private final MethodHandle errorString;
  private final MethodHandle sendrecv;
  private final MethodHandle allgather;
  private final MethodHandle broadcast;
  private final MethodHandle barrier;
  private final MethodHandle finish;

  private MpiLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
    world = address("ompi_mpi_comm_world");
    bytes = address("ompi_mpi_byte");
    initThread = function("MPI_Init_thread", JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS);
    setErrorHandler = function("MPI_Comm_set_errhandler", JAVA_LONG, JAVA_LONG);
    commRank = function("MPI_Comm_rank", JAVA_LONG, ADDRESS);
    commSize = function("MPI_Comm_size", JAVA_LONG, ADDRESS);
    errorString = function("MPI_Error_string", JAVA_INT, ADDRESS, ADDRESS);
    sendrecv =
        function(
            "MPI_Sendrecv",
            // what, count, type, to whom, tag
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            // where to, count, type, from whom, tag
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            // communicator, status
            JAVA_LONG,
            JAVA_LONG);
    allgather =
        function(
            "MPI_Allgather",
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG);
    broadcast = function("MPI_Bcast", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    barrier = function("MPI_Barrier", JAVA_LONG);
    finish = function("MPI_Finalize");
  }

  /**
   * Finds the library.
   *
   * @throws InvalidInputException if there is none, or another MPI's
   */
  static MpiLibrary load() {
    String named = System.getProperty(PROPERTY);
    List<String> names = named == null ? NAMES : List.of(named);
    for (String name : names) {
      SymbolLookup symbols;
      try {
        symbols = SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        continue; // not there; the next name may be
      }
      if (symbols.find("ompi_mpi_comm_world").isEmpty()) {
        throw new InvalidInputException(
            "MPI: %s is not Open MPI's library, and MPICH's and its relatives' call for other arguments. %s"
                .formatted(name, INSTALL));
      }
      return new MpiLibrary(symbols);
    }
    throw new InvalidInputException(
        "MPI: found no %s. %s".formatted(String.join(" nor ", names), INSTALL));
  }

  private long address(String name) {
    return symbols.find(name).orElseThrow().address();
  }

  private MethodHandle function(String name, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /** A call, whose method handle wants its exact types. */
  private interface Call {
    int run() throws Throwable;
  }

  private void call(String function, Call call) {
    try {
      int code = call.run();
      if (code != 0) {
        throw new IllegalStateException("%s: %s (%d)".formatted(function, words(code), code));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // a handle declares Throwable; functions in C throw none
    }
  }

  private String words(int code) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(MAX_ERROR_STRING);
      int unknown = (int) errorString.invokeExact(code, text, arena.allocate(JAVA_INT));
      return unknown == 0 ? text.getString(0) : "an error without a name";
    }
  }

  /** Joins the ranks; to be called once in a process. Errors become exceptions from here on. */
  void init() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment provided = arena.allocate(JAVA_INT);
      call(
          "MPI_Init_thread", () -> (int) initThread.invokeExact(0L, 0L, THREAD_FUNNELED, provided));
      long errorsReturn = address("ompi_mpi_errors_return");
      call("MPI_Comm_set_errhandler", () -> (int) setErrorHandler.invokeExact(world, errorsReturn));
    }
  }

  int rank() {
    return number("MPI_Comm_rank", commRank);
  }

  int size() {
    return number("MPI_Comm_size", commSize);
  }

  private int number(String function, MethodHandle handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      call(function, () -> (int) handle.invokeExact(world, number));
      return number.get(JAVA_INT, 0);
    }
  }

  /** Sends bytes to one rank while it receives bytes from another. */
  void exchange(
      long toSend, int numToSend, int receiver, long toReceive, int numToReceive, int sender) {
    call(
        "MPI_Sendrecv",
        () ->
            (int)
                sendrecv.invokeExact(
                    toSend,
                    numToSend,
                    bytes,
                    receiver,
                    0,
                    toReceive,
                    numToReceive,
                    bytes,
                    sender,
                    0,
                    world,
                    IGNORE_STATUS));
  }

  /**
   * @param part address of what this rank gives, or {@link #IN_PLACE}
   * @param numBytes of a part
   */
  void allGather(long part, int numBytes, long whole) {
    call(
        "MPI_Allgather",
        () -> (int) allgather.invokeExact(part, numBytes, bytes, whole, numBytes, bytes, world));
  }

  void broadcast(long address, int numBytes, int root) {
    call("MPI_Bcast", () -> (int) broadcast.invokeExact(address, numBytes, bytes, root, world));
  }

  void barrier() {
    call("MPI_Barrier", () -> (int) barrier.invokeExact(world));
  }

  /** Leaves the ranks, once all have called it. */
  void finish() {
    call("MPI_Finalize", () -> (int) finish.invokeExact());
  }
}
