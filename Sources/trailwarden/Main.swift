/// Arguments in, exit code out. Everything is decided in the commands.
@main
enum Main {
    static func main() {
        ExitStatus.leave(CommandTable.run(Array(CommandLine.arguments.dropFirst())))
    }
}
