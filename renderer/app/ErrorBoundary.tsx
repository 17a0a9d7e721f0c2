// The last net: a failure of the page itself is said, with what can be done; nothing is lost by loading it again.
import { Component, type ReactNode } from 'react';

export class ErrorBoundary extends Component<{ children: ReactNode }, { message: string | undefined }> {
  override state: { message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === undefined) return this.props.children;
    return (
      <div className="center-page">
        <div className="card" role="alert">
          <h1>The page failed</h1>
          <p>Nothing in the archive is affected. Load the page again; if it fails again, report this text.</p>
          <p className="small quiet">{this.state.message}</p>
          <div className="row">
            <button type="button" className="primary" onClick={() => location.reload()}>
              Load again
            </button>
          </div>
        </div>
      </div>
    );
  }
}
