/**
 * The command line. {@link assay.cli.AssayCommand} is the root; each subcommand is a class of its
 * own that turns options into one call of the modules below and their answer into text or JSON.
 *
 * <pre>{@code
 * $ assay --version
 * assay 0.1.0 (Java 25.0.3 on Linux amd64)
 * $ assay trian recipe.yaml
 * Unknown command 'trian'; see 'assay --help'
 * $ echo $?
 * 2
 * }</pre>
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li>The exit code is part of the interface: 0 done, 1 failed, 2 wrong use or input that cannot
 *       be used. {@link assay.cli.Main} alone maps exceptions to codes, so that a command says what
 *       is wrong by throwing and never ends the process.
 *   <li>Commands write results to the {@code out} writer of their picocli specification and
 *       everything else to {@code err}. Writing to {@code System.out} directly would be shorter,
 *       but then tests would have to replace a global.
 *   <li>picocli, not a parser of our own: it brings suggestions for mistyped options, help pages
 *       and shell completion. It finds options by reflection, which is why this package is open to
 *       it.
 * </ul>
 */
package assay.cli;
