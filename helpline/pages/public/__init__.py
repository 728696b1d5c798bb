"""What everybody may read and print: how to call, what is kept, who else helps where. No session, cookie or script."""
