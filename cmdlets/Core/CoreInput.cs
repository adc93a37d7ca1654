namespace RoleCredentials;

/// <summary>The child's input. Lines are written one after another, and never block the caller.</summary>
/// <param name="stream">The pipe.</param>
/// <param name="onBroken">Called if the child no longer reads.</param>
internal sealed class CoreInput(Stream stream, Action onBroken) : IDisposable
{
    // The smallest pipe buffer of the systems that PowerShell runs on. A write of up to this size to an empty pipe does not block.
    private const int PipeCapacity = 16 * 1024;

    private readonly SemaphoreSlim writing = new(1, 1);

    public void Dispose() => stream.Dispose();

    /// <summary>
    /// Writes synchronously to an idle core, because its pipe is empty. Otherwise writes in the background: a busy or hung core must not
    /// block us.
    /// </summary>
    internal void Write(byte[] line, bool isIdle)
    {
        if (!isIdle || line.Length > PipeCapacity || !writing.Wait(0))
        {
            _ = WriteLater(line);
            return;
        }
        try
        {
            stream.Write(line);
            stream.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            onBroken();
        }
        finally
        {
            writing.Release();
        }
    }

    internal async Task WriteLater(byte[] line)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(line).ConfigureAwait(false);
            await stream.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            onBroken();
        }
        finally
        {
            writing.Release();
        }
    }
}
