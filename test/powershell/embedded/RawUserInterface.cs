using System.Management.Automation.Host;

namespace EmbeddedPowerShell;

/// <summary>The terminal as cells and keys. Where there is no terminal, sizes are the usual 80 by 24 and moving the cursor does nothing.</summary>
internal sealed class RawUserInterface : PSHostRawUserInterface
{
    private static bool HasScreen => !Console.IsOutputRedirected;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;
    public override int CursorSize { get; set; } = 25;

    public override Coordinates CursorPosition
    {
        get
        {
            if (!HasScreen || Console.IsInputRedirected)
            {
                return default;
            }
            var (left, top) = Console.GetCursorPosition();
            return new Coordinates(left, top);
        }
        set
        {
            if (HasScreen)
            {
                Console.SetCursorPosition(value.X, value.Y);
            }
        }
    }

    public override Size BufferSize { get => WindowSize; set => throw NotHere(); }
    public override Size MaxWindowSize => WindowSize;
    public override Size MaxPhysicalWindowSize => WindowSize;
    public override Coordinates WindowPosition { get => default; set => throw NotHere(); }

    public override Size WindowSize
    {
        get => HasScreen && Console.WindowWidth > 0 ? new Size(Console.WindowWidth, Console.WindowHeight) : new Size(80, 24);
        set => throw NotHere();
    }

    public override string WindowTitle
    {
        get => OperatingSystem.IsWindows() ? Console.Title : title;
        set
        {
            title = value;
            if (HasScreen)
            {
                Console.Title = value;
            }
        }
    }

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        var before = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = options.HasFlag(ReadKeyOptions.AllowCtrlC);
        try
        {
            var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
            return new KeyInfo((int)key.Key, key.KeyChar, ControlKeys(key.Modifiers), keyDown: options.HasFlag(ReadKeyOptions.IncludeKeyDown));
        }
        finally
        {
            Console.TreatControlCAsInput = before;
        }
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            Console.ReadKey(intercept: true);
        }
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NotHere();

    // Clear-Host asks for the whole screen to be filled with blanks.
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        if (HasScreen && rectangle is { Left: -1 or 0, Top: -1 or 0 })
        {
            Console.Clear();
        }
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NotHere();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw NotHere();

    private string title = "";

    private static ControlKeyStates ControlKeys(ConsoleModifiers modifiers) =>
        (modifiers.HasFlag(ConsoleModifiers.Control) ? ControlKeyStates.LeftCtrlPressed : 0) |
        (modifiers.HasFlag(ConsoleModifiers.Alt) ? ControlKeyStates.LeftAltPressed : 0) |
        (modifiers.HasFlag(ConsoleModifiers.Shift) ? ControlKeyStates.ShiftPressed : 0);

    private static NotSupportedException NotHere() => new("This terminal cannot do that.");
}
